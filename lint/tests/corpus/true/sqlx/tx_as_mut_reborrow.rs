// The transaction is passed on as tx.as_mut() while a mail server is also spoken to.
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sqlx::{PgConnection, PgPool};

pub async fn invite(
    pool: &PgPool,
    smtp: &AsyncSmtpTransport<Tokio1Executor>,
    email: &str,
    message: Message,
) -> Result<(), InviteError> {
    let mut tx = pool.begin().await?;
    insert_invitation(tx.as_mut(), email).await?;
    smtp.send(message).await?; //~ SA001
    mark_sent(tx.as_mut(), email).await?;
    tx.commit().await?;
    Ok(())
}

async fn insert_invitation(conn: &mut PgConnection, email: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO invitations (email) VALUES ($1)").bind(email).execute(conn).await?;
    Ok(())
}

async fn mark_sent(conn: &mut PgConnection, email: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE invitations SET sent = true WHERE email = $1")
        .bind(email)
        .execute(conn)
        .await?;
    Ok(())
}
