// A subscriber waits for messages with a client checked out.
use deadpool_postgres::Object;
use tokio::sync::broadcast;

#[derive(Clone)]
pub struct PageView {
    pub path: String,
}

pub async fn count_views(
    client: Object,
    mut views: broadcast::Receiver<PageView>,
) -> anyhow::Result<()> {
    while let Ok(view) = views.recv().await { //~ SA003
        client.execute("UPDATE pages SET views = views + 1 WHERE path = $1", &[&view.path]).await?;
    }
    Ok(())
}
