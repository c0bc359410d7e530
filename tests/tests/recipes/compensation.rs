use shortlease::{Error, Postgres, Session, handler};

use crate::remote::Bank;

/// Sells a seat: takes it, charges for it, and gives it back if the charge fails. Returns `None` if there is no seat, or no
/// money.
///
/// A seat is taken for ten minutes at first. If this process dies before it has confirmed or given back, the seat is free
/// again then: see [`free_seats`].
#[handler]
pub(crate) async fn sell(
    db: &mut Session<Postgres>,
    bank: &Bank,
    cents: i64,
) -> Result<Option<i64>, Error> {
    let take = "UPDATE seats SET taken_until = now() + interval '10 minutes'
        WHERE id = (
            SELECT id FROM seats WHERE taken_until < now() ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
        )
        RETURNING id";
    let Some(seat) = db.fetch_optional(sqlx::query_scalar::<_, i64>(take)).await? else {
        return Ok(None);
    };
    let charged = bank.charge(&format!("seat {seat}"), cents).await;
    let until = if charged.is_ok() { "infinity" } else { "-infinity" };
    let settle = sqlx::query("UPDATE seats SET taken_until = $2::timestamptz WHERE id = $1");
    db.execute(settle.bind(seat).bind(until)).await?;
    Ok(charged.is_ok().then_some(seat))
}

/// The number of seats that can be sold now.
#[handler]
pub(crate) async fn free_seats(db: &mut Session<Postgres>) -> Result<i64, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT count(*) FROM seats WHERE taken_until < now()")).await
}

// Tests.

use crate::remote::database;

#[tokio::test]
async fn a_seat_that_is_not_paid_is_free_again() {
    let schema = "
        CREATE TABLE seats (id bigint PRIMARY KEY, taken_until timestamptz DEFAULT '-infinity');
        INSERT INTO seats VALUES (1), (2)";
    let (_scratch, db) = database(schema).await;
    let bank = Bank::default();
    assert_eq!(sell(&mut db.session(), &bank, 9_999).await.unwrap(), None);
    assert_eq!(free_seats(&mut db.session()).await.unwrap(), 2);
    assert_eq!(sell(&mut db.session(), &bank, 5).await.unwrap(), Some(1));
    assert_eq!(sell(&mut db.session(), &bank, 5).await.unwrap(), Some(2));
    assert_eq!(sell(&mut db.session(), &bank, 5).await.unwrap(), None);
}
