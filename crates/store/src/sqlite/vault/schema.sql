-- Vault, format 1: see docs/formats.md.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE subject (
    id  TEXT PRIMARY KEY,
    key BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE item (
    id         TEXT PRIMARY KEY,
    subject    TEXT NOT NULL REFERENCES subject (id),
    class      TEXT NOT NULL,
    body       BLOB,
    commitment BLOB
) STRICT;
CREATE INDEX item_subject ON item (subject);
