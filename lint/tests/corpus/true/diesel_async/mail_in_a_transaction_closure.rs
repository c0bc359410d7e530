// The mail is sent by lettre's transport inside of the transaction's closure.
use diesel_async::scoped_futures::ScopedFutureExt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel_async::pooled_connection::deadpool::Pool;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

pub async fn invite(
    pool: &Pool<AsyncPgConnection>,
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    mail: Message,
) -> anyhow::Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction::<_, anyhow::Error, _>(|conn| {
        async move {
            diesel::insert_into(invites::table).default_values().execute(conn).await?;
            transport.send(mail).await?; //~ SA001
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
