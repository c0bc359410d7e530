// The client of each pass is gone before the answer is sent.
use deadpool_postgres::Pool;
use tokio::sync::mpsc::{Receiver, Sender};

pub async fn pump(pool: Pool, mut requests: Receiver<i64>, answers: Sender<String>) {
    while let Some(id) = requests.recv().await {
        let name: String = {
            let client = pool.get().await.unwrap();
            client.query_one("SELECT name FROM things WHERE id = $1", &[&id]).await.unwrap().get(0)
        };
        answers.send(name).await.unwrap();
    }
}
