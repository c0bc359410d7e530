// The answer of an actor is awaited through a oneshot channel inside a transaction.
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

pub enum Command {
    Score { player: i64, reply: oneshot::Sender<i32> },
}

#[derive(Clone)]
pub struct Ranking {
    commands: mpsc::UnboundedSender<Command>,
    db: PgPool,
}

impl Ranking {
    pub async fn store(&self, player: i64) -> anyhow::Result<i32> {
        let mut tx = self.db.begin().await?;
        sqlx::query("SELECT 1 FROM players WHERE id = $1 FOR UPDATE")
            .bind(player)
            .execute(&mut *tx)
            .await?;
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Score { player, reply })?;
        let score = answer.await?; //~ SA003
        sqlx::query("UPDATE players SET score = $1 WHERE id = $2")
            .bind(score)
            .bind(player)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(score)
    }
}
