use shortlease::{Error, Postgres, Session, handler};

use crate::remote::Bank;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Charged {
    Receipt(String),
    /// Another request with this key is at work, or died at it: ask again later.
    UnderWay,
    Refused,
}

/// Charges a card once for each key, however often the client sends it.
#[handler]
pub(crate) async fn charge(
    db: &mut Session<Postgres>,
    bank: &Bank,
    key: &str,
    cents: i64,
) -> Result<Charged, Error> {
    // The key is written before the call, and its row is locked for no longer than this statement.
    let begin = "INSERT INTO charges (key, cents) VALUES ($1, $2)
        ON CONFLICT (key) DO UPDATE SET begun_at = now()
            WHERE charges.receipt IS NULL AND charges.begun_at < now() - interval '1 minute'";
    let begun = db.execute(sqlx::query(begin).bind(key).bind(cents)).await?;
    if begun.rows_affected() == 0 {
        let receipt = sqlx::query_scalar("SELECT receipt FROM charges WHERE key = $1").bind(key);
        let receipt: Option<String> = db.fetch_one(receipt).await?;
        return Ok(receipt.map_or(Charged::UnderWay, Charged::Receipt));
    }
    // The bank gets the key too, because this process may die before it has written the receipt.
    let Ok(receipt) = bank.charge(key, cents).await else {
        db.execute(sqlx::query("DELETE FROM charges WHERE key = $1").bind(key)).await?;
        return Ok(Charged::Refused);
    };
    let end = sqlx::query("UPDATE charges SET receipt = $2 WHERE key = $1");
    db.execute(end.bind(key).bind(&receipt)).await?;
    Ok(Charged::Receipt(receipt))
}

// Tests.

use std::sync::atomic::Ordering;

use crate::remote::{database, number};

#[tokio::test]
async fn a_key_is_charged_once() {
    let schema = "CREATE TABLE charges (
        key text PRIMARY KEY, cents bigint NOT NULL, receipt text,
        begun_at timestamptz NOT NULL DEFAULT now()
    )";
    let (_scratch, db) = database(schema).await;
    let bank = Bank::default();
    let receipt = Charged::Receipt("receipt of k for 5".to_owned());
    let (mut one, mut two) = (db.session(), db.session());
    // The bank yields, so the second comes while the first is there.
    let (one, two) = tokio::join!(charge(&mut one, &bank, "k", 5), charge(&mut two, &bank, "k", 5));
    let outcomes = [one.unwrap(), two.unwrap()];
    assert!(outcomes.contains(&receipt), "{outcomes:?}");
    assert_eq!(charge(&mut db.session(), &bank, "k", 5).await.unwrap(), receipt);
    assert_eq!(bank.charged.load(Ordering::SeqCst), 1);

    assert_eq!(charge(&mut db.session(), &bank, "l", 9_999).await.unwrap(), Charged::Refused);
    assert_eq!(number(&db, "SELECT count(*) FROM charges").await, 1);
}
