-- Accounts, format 1: secrets of logins, all of them hashed. What a user may do stands in the journal.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE login (
    user         TEXT PRIMARY KEY,
    email        BLOB NOT NULL UNIQUE,
    password     TEXT,
    failures     INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    hash       BLOB PRIMARY KEY,
    user       TEXT NOT NULL UNIQUE,
    expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    hash       BLOB PRIMARY KEY,
    user       TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    seen_us    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
