"""A month of trade of a whole platform, made from a seed: canteens, parking lots, their channels'
bills, and differences of every kind put in at known places.

    summary = Month(SMALL, folder).run(tell)

`trade.py` says what is sold (pure), `injected.py` what is put in, `town.py` makes the rows,
`selling.py` puts payments into the books by the product's own commands, `paper.py` writes each
channel's bill as the provider does, and `month.py` lives through the days and compares.
"""
