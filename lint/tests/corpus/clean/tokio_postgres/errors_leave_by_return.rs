// The function returns nothing: an error is logged and leaves by `return`, and the transaction rolls back.
use deadpool_postgres::Pool;

pub async fn store_answer(pool: &Pool, id: i64, answer: &str) {
    let mut client = match pool.get().await {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "no connection");
            return;
        }
    };
    let tx = match client.transaction().await {
        Ok(tx) => tx,
        Err(error) => {
            tracing::error!(%error, "no transaction");
            return;
        }
    };
    if let Err(error) = tx.execute("UPDATE chats SET answer = $1 WHERE id = $2", &[&answer, &id]).await {
        tracing::error!(%error, "not stored");
        return;
    }
    if let Err(error) = tx.execute("DELETE FROM waiting WHERE chat = $1", &[&id]).await {
        tracing::error!(%error, "still waiting");
        return;
    }
    if let Err(error) = tx.commit().await {
        tracing::error!(%error, "not committed");
    }
}
