// An error ends the loop, but the other rows wait for the reader while the stream is open.
use std::time::Duration;

use futures::StreamExt;
use sqlx::PgPool;
use tokio::sync::mpsc;

pub async fn replay(pool: &PgPool, out: mpsc::Sender<String>) {
    let mut frames = sqlx::query_scalar::<_, String>("SELECT frame FROM tapes").fetch(pool);
    while let Some(frame) = frames.next().await {
        if let Err(error) = frame {
            tracing::error!("{error}");
            break;
        }
        while out.capacity() == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await; //~ SA007
        }
        out.send(frame.unwrap()).await.ok(); //~ SA007
    }
}
