-- Journal, format 1: see docs/formats.md.
CREATE TABLE journal (
    seq       INTEGER PRIMARY KEY,
    stream    TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    at_us     INTEGER NOT NULL,
    scope     TEXT    NOT NULL,
    actor     TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    schema    INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    cause     TEXT,
    prev_hash BLOB    NOT NULL,
    hash      BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX journal_stream ON journal (stream, version);
CREATE UNIQUE INDEX journal_cause ON journal (cause) WHERE cause IS NOT NULL;
CREATE INDEX journal_scope ON journal (scope, seq);
CREATE TABLE kind (
    kind   TEXT    NOT NULL,
    schema INTEGER NOT NULL,
    PRIMARY KEY (kind, schema)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal never shrinks'); END;
