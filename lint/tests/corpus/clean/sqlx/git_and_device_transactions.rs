// A CRDT document's transaction and a message connection share names with a database's, and nothing more.
use std::sync::Arc;
use tokio::sync::broadcast;

pub struct Doc {
    updates: broadcast::Sender<Vec<u8>>,
}

pub struct TransactionMut<'d> {
    doc: &'d Doc,
    changes: Vec<u8>,
}

impl Doc {
    pub async fn transact(&self) -> TransactionMut<'_> {
        TransactionMut { doc: self, changes: Vec::new() }
    }
}

impl TransactionMut<'_> {
    pub async fn commit(self) -> usize {
        self.doc.updates.send(self.changes).unwrap_or(0)
    }
}

pub async fn apply(doc: Arc<Doc>, http: &reqwest::Client, peer: &str) -> anyhow::Result<usize> {
    let mut transaction = doc.transact().await;
    let update = http.get(peer).send().await?.bytes().await?;
    transaction.changes.extend_from_slice(&update);
    Ok(transaction.commit().await)
}
