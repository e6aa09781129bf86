-- History, format 1: see docs/formats.md.
CREATE TABLE series (
    id    INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    key   TEXT NOT NULL,
    UNIQUE (scope, key)
) STRICT;
CREATE TABLE tail (
    series               INTEGER NOT NULL,
    at_us                INTEGER NOT NULL,
    known_us             INTEGER NOT NULL,
    interval_s           INTEGER NOT NULL,
    expected             REAL    NOT NULL,
    observed             REAL    NOT NULL,
    expected_value_minor INTEGER NOT NULL,
    observed_value_minor INTEGER NOT NULL,
    heard                REAL,
    PRIMARY KEY (series, at_us, known_us)
) STRICT, WITHOUT ROWID;
CREATE TABLE chunk (
    series INTEGER NOT NULL,
    day    INTEGER NOT NULL,
    body   BLOB    NOT NULL,
    UNIQUE (series, day)
) STRICT;
CREATE INDEX chunk_day ON chunk (day);
CREATE TABLE transition (
    scope    TEXT    NOT NULL,
    device   TEXT    NOT NULL,
    at_us    INTEGER NOT NULL,
    known_us INTEGER NOT NULL,
    became   INTEGER NOT NULL,
    PRIMARY KEY (scope, device, at_us, known_us, became)
) STRICT, WITHOUT ROWID;
CREATE INDEX transition_at ON transition (scope, at_us);
CREATE TABLE attribute (
    scope     TEXT    NOT NULL,
    device    TEXT    NOT NULL,
    attribute TEXT    NOT NULL,
    at_us     INTEGER NOT NULL,
    known_us  INTEGER NOT NULL,
    value     TEXT,
    PRIMARY KEY (scope, device, attribute, at_us, known_us)
) STRICT, WITHOUT ROWID;
CREATE INDEX attribute_at ON attribute (scope, at_us);
