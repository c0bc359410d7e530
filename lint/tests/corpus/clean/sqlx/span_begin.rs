// begin() belongs to a progress span, not to a pool.
use sqlx::PgPool;

pub struct Progress {
    events: tokio::sync::mpsc::Sender<String>,
}

pub struct Step {
    name: String,
}

impl Progress {
    pub async fn begin(&self, name: &str) -> anyhow::Result<Step> {
        self.events.send(format!("begin {name}")).await?;
        Ok(Step { name: name.to_owned() })
    }

    pub async fn end(&self, step: Step) -> anyhow::Result<()> {
        self.events.send(format!("end {}", step.name)).await?;
        Ok(())
    }
}

pub async fn import(
    pool: &PgPool,
    progress: &Progress,
    http: &reqwest::Client,
) -> anyhow::Result<()> {
    let step = progress.begin("download").await?;
    let body = http.get("http://source/dump").send().await?.text().await?;
    progress.end(step).await?;
    let step = progress.begin("store").await?;
    sqlx::query("INSERT INTO dumps (body) VALUES ($1)").bind(body).execute(pool).await?;
    progress.end(step).await?;
    Ok(())
}
