-- Inbox file, format 1: see docs/formats.md.
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
    position    INTEGER PRIMARY KEY,
    at_us       INTEGER NOT NULL,
    digest      INTEGER NOT NULL,
    n           INTEGER,
    journal_seq INTEGER,
    customer    TEXT,
    token       TEXT,
    codec       INTEGER,
    count       INTEGER,
    body_bytes  INTEGER,
    body        BLOB
) STRICT;
