use shortlease::{Error, Postgres, Session, handler};

use crate::remote::Mailer;

/// Adds a user, and the mail that the user is to get: both, or neither. The user counts once the mail is out.
#[handler]
pub(crate) async fn register(db: &mut Session<Postgres>, email: &str) -> Result<i64, Error> {
    db.transaction(async |tx| {
        let user = sqlx::query_scalar("INSERT INTO users (email) VALUES ($1) RETURNING id");
        let user: i64 = user.bind(email).fetch_one(tx).await?;
        sqlx::query("INSERT INTO outbox (user_id) VALUES ($1)").bind(user).execute(tx).await?;
        Ok(user)
    })
    .await
}

/// Sends the mail that has waited longest, and confirms its user. Returns `false` if none is due.
///
/// A process that dies between the mail and its confirmation sends it again after a minute, with the same key.
#[handler]
pub(crate) async fn deliver(db: &mut Session<Postgres>, mailer: &Mailer) -> Result<bool, Error> {
    let claim = "UPDATE outbox SET due = now() + interval '1 minute'
        FROM users WHERE users.id = user_id AND user_id = (
            SELECT user_id FROM outbox WHERE due <= now()
            ORDER BY due FOR UPDATE SKIP LOCKED LIMIT 1
        )
        RETURNING user_id, email";
    let claimed: Option<(i64, String)> = db.fetch_optional(sqlx::query_as(claim)).await?;
    let Some((user, email)) = claimed else { return Ok(false) };
    // No transaction is open, so a mail server that hangs costs the database nothing.
    if mailer.send(&email, user).await.is_err() {
        return Ok(true);
    }
    db.transaction(async |tx| {
        sqlx::query("DELETE FROM outbox WHERE user_id = $1").bind(user).execute(tx).await?;
        let confirm = sqlx::query("UPDATE users SET confirmed = true WHERE id = $1");
        confirm.bind(user).execute(tx).await?;
        Ok(true)
    })
    .await
}

// Tests.

use crate::remote::{database, number};

#[tokio::test]
async fn a_user_counts_once_the_mail_is_out() {
    let schema = "
        CREATE TABLE users (
            id bigserial PRIMARY KEY, email text NOT NULL, confirmed boolean NOT NULL DEFAULT false
        );
        CREATE TABLE outbox (
            user_id bigint PRIMARY KEY REFERENCES users, due timestamptz NOT NULL DEFAULT now()
        );";
    let (_scratch, db) = database(schema).await;
    let mailer = Mailer::default();
    let refused = register(&mut db.session(), "nobody").await.unwrap();
    let sent = register(&mut db.session(), "a@b").await.unwrap();
    while deliver(&mut db.session(), &mailer).await.unwrap() {}
    assert_eq!(*mailer.sent.lock().unwrap(), [format!("{sent}: @b")]);
    assert_eq!(number(&db, "SELECT id FROM users WHERE confirmed").await, sent);
    assert_eq!(number(&db, "SELECT user_id FROM outbox WHERE due > now()").await, refused);
}
