//! Runs `cdr-store` on a database that is locked at first.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use pbx_examples::HttpClient;
use rusqlite::Connection;

use crate::command;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn record(comment: &str, end: u32) -> String {
    format!(
        r#"{{"domain":"t.example","callid":"c@pbx","start":1000,"end":{end},"comment":"{comment}",
        "from":"<sip:+12025550100@t.example>","trunklegs":[{{"direction":"I","start":1000}}],
        "states":[{{"start":1000,"type":"acd","account":"300","extension":"41","durationtalk":5000}}]}}"#
    )
}

#[tokio::test]
async fn a_record_is_stored_once_however_often_it_fails_and_comes_again() {
    let file = std::env::temp_dir().join(format!("cdr-store-{}.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let mut server = command("cdr-store", &[file.to_str().unwrap()]);
    let server = server.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut server = Server(server.unwrap());
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
    let client = HttpClient::new(address, "no token".into());
    let send = async |json: String| client.post("/cdr", json).await.unwrap().0.as_u16();

    let lock = Connection::open(&file).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for _ in 0..3 {
        assert_eq!(send(record("", 1100)).await, 503);
    }
    lock.execute_batch("COMMIT").unwrap();
    assert_eq!(send(record("", 1100)).await, 200, "the retry is stored");
    assert_eq!(send(record("", 1100)).await, 200, "a repetition is taken and not stored again");
    // Every store gives the row a new number, so this is the first and only one.
    let number =
        || lock.query_row("SELECT rowid FROM calls", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number(), 1);
    assert_eq!(send(record("later", 1101)).await, 200);
    assert_eq!(number(), 2, "an update replaces");
    assert_eq!(send("{".to_owned()).await, 400);

    let rows: Vec<(String, String, String, i64)> = lock
        .prepare("SELECT callid, customer, agent, talk_ms FROM calls")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows, [("c@pbx".to_owned(), "+12025550100".to_owned(), "41".to_owned(), 5_000)]);
    server.0.kill().unwrap();
    let mut log = String::new();
    server.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let why = "cdrstore: failed: the integration failed: ";
    assert_eq!((log.matches(why).count(), log.matches("database is locked").count()), (3, 3));
    let _ = std::fs::remove_file(&file);
}
