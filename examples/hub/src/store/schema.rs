//! The schema, by versions.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::StoreError;

/// Steps from an empty database to the present schema; the number of steps done is `user_version`.
const MIGRATIONS: [&str; 3] = [
    "CREATE TABLE call (
        number INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        hash TEXT NOT NULL,
        started_at_us INTEGER NOT NULL,
        is_open INTEGER NOT NULL,
        outcome TEXT,
        wait_us INTEGER,
        words TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (source, id)
    ) STRICT;
    CREATE INDEX call_by_start ON call (started_at_us, number);
    CREATE INDEX call_open ON call (source) WHERE is_open;
    CREATE TABLE inbox (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        received_at_us INTEGER NOT NULL,
        head TEXT NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX inbox_by_age ON inbox (received_at_us);",
    "CREATE TABLE outbox (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        target TEXT NOT NULL,
        source TEXT NOT NULL,
        call_id TEXT NOT NULL,
        message_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        at_us INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX outbox_by_target ON outbox (target, sequence);",
    // The contents that a call has had, also of calls that were removed, and the reason of changes
    // that were refused.
    "ALTER TABLE call DROP COLUMN revision;
    ALTER TABLE call ADD COLUMN contents TEXT NOT NULL DEFAULT '';
    UPDATE call SET contents = substr(hash, 1, 8);
    CREATE TABLE removed (
        source TEXT NOT NULL,
        id TEXT NOT NULL,
        contents TEXT NOT NULL,
        PRIMARY KEY (source, id)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE outbox ADD COLUMN refusal TEXT;
    DROP INDEX outbox_by_target;
    CREATE INDEX outbox_waiting ON outbox (target, sequence) WHERE refusal IS NULL;
    CREATE INDEX outbox_refused ON outbox (target, sequence) WHERE refusal IS NOT NULL;",
];

/// The version of the schema that this program reads and writes.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// Sets a new connection up.
pub(super) fn prepare(connection: &Connection, pages: Option<u32>) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A commit that was acknowledged survives a loss of power.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_prepared_statement_cache_capacity(64);
    if let Some(pages) = pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

/// Brings a database to the present version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    migrate_to(connection, MIGRATIONS.len())
}

fn migrate_to(connection: &mut Connection, target: usize) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version(&transaction)?;
    let known = usize::try_from(version).ok().filter(|version| *version <= MIGRATIONS.len());
    let Some(done) = known else {
        return Err(StoreError::Newer { found: version, known: VERSION });
    };
    for (at, step) in MIGRATIONS.iter().enumerate().take(target).skip(done) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", at + 1)?;
    }
    Ok(transaction.commit()?)
}

fn version(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    transaction.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{VERSION, migrate, migrate_to};
    use crate::store::StoreError;

    fn version(connection: &Connection) -> i64 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_database_of_each_earlier_version_is_brought_to_the_present_one_with_its_calls() {
        for earlier in 0..=VERSION {
            let mut connection = Connection::open_in_memory().unwrap();
            migrate_to(&mut connection, usize::try_from(earlier).unwrap()).unwrap();
            assert_eq!(version(&connection), earlier);
            if earlier > 0 {
                let (column, value) = if earlier < 3 { ("revision, ", "0, ") } else { ("", "") };
                let insert = format!(
                    "INSERT INTO call ({column}number, source, id, hash, started_at_us, is_open, words, body)
                    VALUES ({value}7, 's', 'c', '', 1, 0, '', '{{}}')"
                );
                connection.execute(&insert, []).unwrap();
            }
            migrate(&mut connection).unwrap();
            assert_eq!(version(&connection), VERSION);
            let count = "SELECT count(*) FROM call LEFT JOIN outbox ON outbox.source = call.source";
            let calls: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
            assert_eq!(calls, i64::from(earlier > 0), "from version {earlier}");
        }
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found, .. } if found == VERSION + 1));
        assert_eq!(
            error.to_string(),
            format!(
                "the database has version {}, and this program knows versions up to {VERSION}: use a newer program",
                VERSION + 1
            )
        );
        assert_eq!(version(&connection), VERSION + 1);
    }
}
