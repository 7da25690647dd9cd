"""The tables of a counter's store, as numbered steps; a step is never changed, only followed.

`PRAGMA user_version` counts the steps a file has taken.

- `meta`: small facts by name, as JSON.
- `signer`: every public key that signed rows here, so that the audit needs no server.
- `journal`: what is signed and pushed. Everything right of `signature` is about the row, not in it.
- `intent`: what was frozen, and by which row it was closed.
- `delta`: what our own rows took from an account, apart from the server's row of it.
- `top_up`: cash taken for wallets, each with one outcome from the server.
- `feed_row`, `account`: the replica, by generation, so that a rebuild stands beside the old one.
"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE signer (key_id TEXT PRIMARY KEY, public_key BLOB NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE journal (
            place INTEGER PRIMARY KEY,
            journal_id BLOB NOT NULL,
            sequence INTEGER NOT NULL CHECK (sequence > 0),
            version INTEGER NOT NULL,
            terminal_id BLOB NOT NULL,
            key_id TEXT NOT NULL,
            previous_hash BLOB NOT NULL,
            kind TEXT NOT NULL,
            body BLOB NOT NULL,
            signature BLOB NOT NULL,
            hash BLOB NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'acknowledged', 'rejected', 'lost')),
            status TEXT NOT NULL DEFAULT '',
            code TEXT NOT NULL DEFAULT '',
            written_at REAL NOT NULL,
            settled_at REAL,
            tries INTEGER NOT NULL DEFAULT 0,
            retry_at REAL NOT NULL DEFAULT 0,
            payment_id BLOB,
            shift_id BLOB,
            person_id BLOB,
            tally TEXT NOT NULL DEFAULT '',
            amount INTEGER NOT NULL DEFAULT 0,
            waiting_amount INTEGER NOT NULL DEFAULT 0,
            is_offline_wallet INTEGER NOT NULL DEFAULT 0,
            portions INTEGER NOT NULL DEFAULT 0,
            meal_period TEXT NOT NULL DEFAULT '',
            UNIQUE (journal_id, sequence)
        )""",
        """CREATE INDEX journal_open ON journal (state, place)
            WHERE state IN ('waiting', 'rejected')""",
        """CREATE INDEX journal_offline ON journal (person_id, waiting_amount)
            WHERE is_offline_wallet AND state IN ('waiting', 'rejected')""",
        """CREATE INDEX journal_shift ON journal (shift_id, place) WHERE shift_id IS NOT NULL""",
        """CREATE INDEX journal_payment ON journal (payment_id) WHERE payment_id IS NOT NULL""",
        """CREATE INDEX journal_person ON journal (person_id, written_at, portions, amount)
            WHERE person_id IS NOT NULL""",
        """CREATE TABLE intent (
            payment_id BLOB PRIMARY KEY,
            fingerprint BLOB NOT NULL,
            request BLOB NOT NULL,
            frozen_at REAL NOT NULL,
            outcome TEXT CHECK (outcome IN ('accepted', 'cancelled', 'declined')),
            journal_id BLOB,
            sequence INTEGER,
            CHECK ((outcome IS NULL) = (sequence IS NULL))
        ) WITHOUT ROWID""",
        """CREATE INDEX intent_open ON intent (frozen_at) WHERE outcome IS NULL""",
        """CREATE TABLE delta (
            journal_id BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            account_id BLOB NOT NULL,
            amount INTEGER NOT NULL CHECK (amount <> 0),
            is_live INTEGER NOT NULL,
            PRIMARY KEY (journal_id, sequence, account_id)
        ) WITHOUT ROWID""",
        """CREATE INDEX delta_live ON delta (account_id, amount) WHERE is_live""",
        """CREATE TABLE feed_row (
            generation INTEGER NOT NULL,
            kind TEXT NOT NULL,
            entity TEXT NOT NULL,
            lookup TEXT NOT NULL DEFAULT '',
            number INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (generation, kind, entity)
        ) WITHOUT ROWID""",
        """CREATE INDEX feed_row_lookup ON feed_row (generation, kind, lookup)
            WHERE lookup <> ''""",
        """CREATE TABLE account (
            generation INTEGER NOT NULL,
            account_id BLOB NOT NULL,
            person_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            unit TEXT NOT NULL,
            balance INTEGER NOT NULL,
            held INTEGER NOT NULL,
            floor INTEGER,
            version INTEGER NOT NULL,
            PRIMARY KEY (generation, account_id)
        ) WITHOUT ROWID""",
    ),
    (
        # Covering, so that a long outage does not slow each sale: SQLite reads the index alone
        """DROP INDEX journal_offline""",
        """CREATE INDEX journal_alone
            ON journal (is_offline_wallet, state, person_id, waiting_amount)
            WHERE is_offline_wallet AND state IN ('waiting', 'rejected')""",
        """CREATE INDEX journal_custody ON journal (state, waiting_amount, journal_id, sequence)
            WHERE state IN ('waiting', 'rejected')""",
    ),
    (
        """CREATE TABLE top_up (
            top_up_id BLOB PRIMARY KEY,
            shift_id BLOB NOT NULL,
            person_id BLOB NOT NULL,
            amount INTEGER NOT NULL CHECK (amount > 0),
            request BLOB NOT NULL,
            frozen_at REAL NOT NULL,
            sent_count INTEGER NOT NULL DEFAULT 0,
            outcome TEXT CHECK (outcome IN ('booked', 'refused')),
            code TEXT NOT NULL DEFAULT '',
            answer BLOB
        ) WITHOUT ROWID""",
        """CREATE INDEX top_up_open ON top_up (frozen_at) WHERE outcome IS NULL""",
        """CREATE INDEX top_up_shift ON top_up (shift_id, outcome, amount)""",
    ),
)

SEAL_ALL: tuple[str, ...] = (
    """UPDATE feed_row SET body = seal(body)""",
    """UPDATE feed_row SET lookup = blind(lookup) WHERE kind = 'person'""",
    """UPDATE journal SET body = seal(body)""",
    """UPDATE intent SET request = seal(request)""",
    """UPDATE top_up SET request = seal(request), answer = seal(answer)""",
    """UPDATE meta SET value = seal(value) WHERE name = 'operator_pins'""",
)
"""Seals in place what a store held before it had a key; what is sealed already stays so."""
