// A worker's loop unwraps its client at the top and waits for a channel at the bottom.
use deadpool_postgres::Pool;
use tokio::sync::mpsc::{Receiver, Sender};

pub async fn pump(pool: Pool, mut requests: Receiver<i64>, answers: Sender<String>) {
    while let Some(id) = requests.recv().await {
        let client = pool.get().await.unwrap();
        let row = client.query_one("SELECT name FROM things WHERE id = $1", &[&id]).await.unwrap();
        answers.send(row.get(0)).await.unwrap(); //~ SA003
    }
}
