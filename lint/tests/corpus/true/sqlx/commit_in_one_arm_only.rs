// Only one arm of the match ends the transaction.
use sqlx::PgPool;

pub enum Vote {
    Up,
    Down,
    Withdraw,
}

pub async fn vote(pool: &PgPool, post: i64, user: i64, vote: Vote) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?; //~ SA005
    sqlx::query("DELETE FROM votes WHERE post = $1 AND voter = $2")
        .bind(post)
        .bind(user)
        .execute(&mut *tx)
        .await?;
    let value = match vote {
        Vote::Up => 1,
        Vote::Down => -1,
        Vote::Withdraw => return Ok(()),
    };
    sqlx::query("INSERT INTO votes (post, voter, value) VALUES ($1, $2, $3)")
        .bind(post)
        .bind(user)
        .bind(value)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
