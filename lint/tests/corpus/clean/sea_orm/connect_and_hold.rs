// Database::connect makes a pool, which the server keeps for its whole life.
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use std::time::Duration;

pub async fn serve(url: String) -> anyhow::Result<()> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(20).acquire_timeout(Duration::from_secs(3));
    let db: DatabaseConnection = Database::connect(options).await?;
    db.ping().await?;
    let app = axum::Router::new().with_state(db.clone());
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app).await?;
    db.close().await?;
    Ok(())
}
