//! The journal's writing side: each append of a group is all or nothing by itself, and the group shares one fsync.

use super::JOURNAL_FILE;
use super::row::{cause_column, head};
use crate::group::Group;
use crate::ids::{Hash, MAX_ID_BYTES, Seq, StreamVersion};
use crate::journal::{
    Appended, Content, Expected, Head, JournalError, MAX_APPEND, MAX_BODY_BYTES, NewEvent, Recorded, link,
};
use crate::sqlite::file::{FileError, checkpoint_when_grown};
use crate::time::to_us;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// The log is moved into the file once it is this large.
const WAL_BYTES: u64 = 4 << 20;

/// Events that go in together.
pub(crate) struct Append(Vec<Ready>);

struct Ready {
    event: NewEvent,
    actor: String,
    cause: Option<String>,
}

impl Append {
    /// Refuses what could never be recorded, before it takes anybody's time.
    pub(crate) fn prepare(events: Vec<NewEvent>) -> Result<Self, JournalError> {
        if events.len() > MAX_APPEND {
            return Err(JournalError::TooMany { count: events.len() });
        }
        let ready = |(index, event): (usize, NewEvent)| match refusal(&event) {
            Some(what) => Err(JournalError::Refused { index, stream: event.stream, kind: event.kind, what }),
            None => Ok(Ready { actor: event.actor.to_string(), cause: event.cause.as_ref().map(cause_column), event }),
        };
        events.into_iter().enumerate().map(ready).collect::<Result<_, _>>().map(Self)
    }
}

fn refusal(event: &NewEvent) -> Option<&'static str> {
    let is_name = |text: &str| !text.is_empty() && text.len() <= MAX_ID_BYTES && !text.chars().any(char::is_control);
    if !is_name(&event.kind) {
        return Some("its kind must be 1 to 256 bytes without control characters");
    }
    if event.actor.to_string().parse().as_ref() != Ok(&event.actor) || !is_name(&event.actor.to_string()) {
        return Some("its actor cannot be written");
    }
    if event.cause.as_ref().is_some_and(|cause| !is_name(&cause.source)) {
        return Some("its cause's source must be 1 to 256 bytes without control characters");
    }
    if event.body.len() > MAX_BODY_BYTES {
        return Some("its body is too large");
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(&event.body).is_err() {
        return Some("its body is not JSON");
    }
    None
}

/// Owns the connection that writes. After a failure it is closed, and the next group opens it anew.
pub(crate) struct JournalWriter {
    path: PathBuf,
    open: Option<(Connection, Head)>,
}

impl JournalWriter {
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        let mut writer = Self { path: path.to_owned(), open: None };
        writer.open = Some(writer.reopen()?);
        Ok(writer)
    }

    fn reopen(&self) -> Result<(Connection, Head), FileError> {
        let conn = JOURNAL_FILE.open_writer(&self.path)?;
        let head = head(&conn).map_err(FileError::sqlite(&self.path))?;
        Ok((conn, head))
    }

    fn write(&mut self, appends: &[Append]) -> Result<Vec<Result<Vec<Appended>, JournalError>>, FileError> {
        let (mut conn, mut head) = match self.open.take() {
            Some(open) => open,
            None => self.reopen()?,
        };
        let answers = write_group(&mut conn, &mut head, appends).map_err(FileError::sqlite(&self.path))?;
        self.open = Some((conn, head));
        Ok(answers)
    }
}

impl Group for JournalWriter {
    type Job = Append;
    type Answer = Vec<Appended>;
    type Error = JournalError;

    fn weight(append: &Append) -> usize {
        append.0.iter().map(|ready| ready.event.body.len() + 256).sum()
    }

    fn commit(&mut self, appends: Vec<Append>) -> Vec<Result<Vec<Appended>, JournalError>> {
        self.write(&appends).unwrap_or_else(|error| {
            let refusal = || if error.is_full() { JournalError::Full } else { JournalError::File(error.clone()) };
            appends.iter().map(|_| Err(refusal())).collect()
        })
    }

    fn after(&mut self) {
        if let Some((conn, _)) = &self.open {
            checkpoint_when_grown(conn, &self.path, WAL_BYTES);
        }
    }
}

/// Why one append of a group does not go in: by a decision, which leaves the group whole, or by a failure, which ends it.
enum Stop {
    Refused(JournalError),
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

fn write_group(
    conn: &mut Connection,
    head: &mut Head,
    appends: &[Append],
) -> rusqlite::Result<Vec<Result<Vec<Appended>, JournalError>>> {
    let mut tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut reached = *head;
    let mut answers = Vec::with_capacity(appends.len());
    for append in appends {
        let savepoint = tx.savepoint()?;
        let mut ahead = reached;
        let written: Result<Vec<_>, Stop> =
            append.0.iter().map(|ready| write_one(&savepoint, &mut ahead, ready)).collect();
        answers.push(match written {
            Ok(appended) => {
                savepoint.commit()?;
                reached = ahead;
                Ok(appended)
            }
            // Dropping the savepoint takes back what this append had written.
            Err(Stop::Refused(error)) => Err(error),
            Err(Stop::Failed(error)) => return Err(error),
        });
    }
    tx.commit()?;
    *head = reached;
    Ok(answers)
}

fn write_one(tx: &Connection, head: &mut Head, ready: &Ready) -> Result<Appended, Stop> {
    if let Some(appended) = already_recorded(tx, ready)? {
        return Ok(appended);
    }
    let event = &ready.event;
    let actual = tx
        .prepare_cached("SELECT max(version) FROM journal WHERE stream = ?1")?
        .query_row([event.stream.as_str()], |row| row.get::<_, Option<i64>>(0))?;
    let actual = StreamVersion(actual.unwrap_or(0).cast_unsigned());
    let expected = match event.expected {
        Expected::Any => actual,
        Expected::Exact(version) => version,
        Expected::NoStream => StreamVersion(0),
    };
    if expected != actual {
        return Err(Stop::Refused(JournalError::Conflict { stream: event.stream.clone(), expected, actual }));
    }
    let (seq, version) = (head.seq.next(), actual.next());
    let hash = link(&head.hash, &content(ready, seq, version));
    insert(tx, ready, Recorded { seq, version, hash }, &head.hash)?;
    *head = Head { seq, hash };
    Ok(Appended::New(Recorded { seq, version, hash }))
}

fn content<'a>(ready: &'a Ready, seq: Seq, version: StreamVersion) -> Content<'a> {
    let event = &ready.event;
    Content {
        seq: seq.0,
        stream: event.stream.as_str(),
        version: version.0,
        at_us: to_us(event.at),
        scope: event.scope.as_column(),
        actor: &ready.actor,
        kind: &event.kind,
        schema: event.schema,
        body: &event.body,
        cause: event.cause.as_ref(),
    }
}

fn insert(tx: &Connection, ready: &Ready, at: Recorded, prev: &Hash) -> rusqlite::Result<()> {
    let event = &ready.event;
    tx.prepare_cached(
        "INSERT INTO journal (seq, stream, version, at_us, scope, actor, kind, schema, body, cause, prev_hash, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        at.seq.0.cast_signed(),
        event.stream.as_str(),
        at.version.0.cast_signed(),
        to_us(event.at),
        event.scope.as_column(),
        ready.actor,
        event.kind,
        event.schema,
        event.body,
        ready.cause,
        prev.0,
        at.hash.0,
    ])?;
    tx.prepare_cached("INSERT OR IGNORE INTO kind (kind, schema) VALUES (?1, ?2)")?
        .execute(params![event.kind, event.schema])
        .map(drop)
}

fn already_recorded(tx: &Connection, ready: &Ready) -> rusqlite::Result<Option<Appended>> {
    let Some(cause) = &ready.cause else { return Ok(None) };
    let event = &ready.event;
    tx.prepare_cached("SELECT seq, version, hash, stream, kind, schema, body FROM journal WHERE cause = ?1")?
        .query_row([cause], |row| {
            let earlier = Recorded {
                seq: Seq(row.get::<_, i64>(0)?.cast_unsigned()),
                version: StreamVersion(row.get::<_, i64>(1)?.cast_unsigned()),
                hash: Hash(row.get(2)?),
            };
            let same = row.get::<_, String>(3)? == event.stream.as_str()
                && row.get::<_, String>(4)? == event.kind
                && row.get::<_, u16>(5)? == event.schema
                && row.get::<_, Vec<u8>>(6)? == event.body;
            Ok(Appended::AlreadyRecorded { earlier, same })
        })
        .optional()
}
