"""What is being rung up: dishes, a keypad, ×2 portions, weighed goods; pure.

The keypad works as on a till: digits make a sum in fen, + adds what was typed as a line and the
next digits make the next one, × multiplies the last line. The total is what Enter arms with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.errors import Refused
from domain.money import scale
from domain.pricing import BarcodeValue, ScaleBarcode
from sync.messages import ItemRow, Line

MAX_LINES = 99
"""A tray holds no more; a stuck key must not make a journal row of megabytes."""
MAX_TIMES = 99
MAX_TYPED_DIGITS = 8
GRAMS_PER_KILOGRAM = 1000
KEYED = "keyed"


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines rung up, and the digits still being typed (in fen).

    `is_armed`: a diner was armed for with it. When that ends unpaid it stays to be seen, and to be
    armed with again; the next digit or dish begins another.
    """

    lines: tuple[Line, ...] = ()
    typed: str = ""
    is_armed: bool = False

    @property
    def typed_amount(self) -> int:
        """What the digits say, in fen."""
        return int(self.typed) if self.typed else 0

    @property
    def total(self) -> int:
        """Lines and what is being typed."""
        return sum(line.amount for line in self.lines) + self.typed_amount

    def digit(self, digits: str) -> "Cart":
        """Type one digit, or 00; more than eight are not typed."""
        typed = (self.typed + digits).lstrip("0")
        if not digits.isdigit() or len(typed) > MAX_TYPED_DIGITS:
            return self
        return replace(self, typed=typed)

    def backspace(self) -> "Cart":
        """Take back the last digit, or the last line when none is typed."""
        if self.typed:
            return replace(self, typed=self.typed[:-1])
        return replace(self, lines=self.lines[:-1])

    def plus(self) -> "Cart":
        """+: the typed sum becomes a line."""
        if not self.typed_amount:
            return self
        amount = self.typed_amount
        return self._with(_line(KEYED, "", 1, amount)).untyped()

    def times(self, count: int) -> "Cart":
        """×: so many of the typed sum, or of the last line."""
        cart = self.plus()
        if not cart.lines or not 1 <= count <= MAX_TIMES:
            return cart
        last = cart.lines[-1]
        again = _line(last.item, last.name, last.quantity * count, last.unit_amount)
        return replace(cart, lines=(*cart.lines[:-1], again))

    def dish(self, item: ItemRow) -> "Cart":
        """A dish from the menu; the same one again raises its quantity."""
        cart = self.plus()
        if cart.lines and cart.lines[-1].item == item.item:
            last = cart.lines[-1]
            again = _line(last.item, last.name, last.quantity + 1, last.unit_amount)
            return replace(cart, lines=(*cart.lines[:-1], again))
        return cart._with(_line(item.item, item.name_zh, 1, item.amount))

    def weighed(self, item: ItemRow, grams: int) -> "Cart":
        """A dish by weight; its price is per kilogram, half a fen rounds up."""
        amount = scale(item.amount, grams, GRAMS_PER_KILOGRAM)
        line = Line(
            item=item.item,
            name=item.name_zh,
            quantity=1,
            unit_amount=amount,
            amount=amount,
        )
        return self.plus()._with(line)

    def barcode(self, code: ScaleBarcode, items: Mapping[str, ItemRow]) -> "Cart":
        """What a scale printed: an amount, or a weight; `Refused` for an item nobody knows."""
        item = items.get(code.item_code)
        if item is None:
            raise Refused("items.unknown")
        if code.value is BarcodeValue.WEIGHT_G:
            return self.weighed(item, code.quantity)
        return self.plus()._with(_line(item.item, item.name_zh, 1, code.quantity))

    def finished(self) -> tuple[Line, ...]:
        """All lines, what was being typed included."""
        return self.plus().lines

    def untyped(self) -> "Cart":
        """Forget the digits."""
        return replace(self, typed="")

    def _with(self, line: Line) -> "Cart":
        if len(self.lines) >= MAX_LINES or line.amount <= 0:
            return self
        return replace(self, lines=(*self.lines, line))


def meal_line(period: str, amount: int, name: str = "") -> Line:
    """The one line of a meal at a fixed price; `name` is what the receipt calls it."""
    return _line(period or KEYED, name or period, 1, amount)


def _line(item: str, name: str, quantity: int, unit_amount: int) -> Line:
    return Line(
        item=item,
        name=name,
        quantity=quantity,
        unit_amount=unit_amount,
        amount=quantity * unit_amount,
    )
