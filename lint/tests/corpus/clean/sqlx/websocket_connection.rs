// A Connection type of a chat server is no database connection.
use futures::{SinkExt, StreamExt};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

pub struct Connection {
    socket: WebSocketStream<tokio::net::TcpStream>,
    user: i64,
}

pub async fn serve(mut conn: Connection, pool: sqlx::PgPool) -> anyhow::Result<()> {
    while let Some(message) = conn.socket.next().await {
        let text = message?.into_text()?;
        sqlx::query("INSERT INTO chat (author, text) VALUES ($1, $2)")
            .bind(conn.user)
            .bind(text.as_str())
            .execute(&pool)
            .await?;
        conn.socket.send(Message::text("ok")).await?;
    }
    Ok(())
}
