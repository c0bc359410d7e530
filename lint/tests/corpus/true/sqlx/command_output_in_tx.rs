// A converter program runs, blocking, inside the transaction.
use sqlx::{Postgres, Transaction};
use std::process::Command;

pub async fn convert_upload(
    tx: &mut Transaction<'_, Postgres>,
    upload: i64,
    path: &str,
) -> anyhow::Result<()> {
    let output = Command::new("ffprobe").arg("-v").arg("error").arg(path).output()?; //~ SA004
    anyhow::ensure!(output.status.success(), "ffprobe failed");
    sqlx::query("UPDATE uploads SET probe = $1 WHERE id = $2")
        .bind(String::from_utf8_lossy(&output.stdout).into_owned())
        .bind(upload)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
