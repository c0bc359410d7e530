// Every await inside the transaction is given it, through helpers that only run statements.
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

pub async fn enroll(pool: &PgPool, student: i64, course: i64) -> Result<(), EnrollError> {
    let mut tx = pool.begin().await?;
    lock_course(&mut tx, course).await?;
    if seats_left(&mut *tx, course).await? == 0 {
        tx.rollback().await?;
        return Err(EnrollError::Full);
    }
    insert_seat(&mut tx, student, course).await?;
    tx.commit().await?;
    Ok(())
}

async fn lock_course(tx: &mut Transaction<'_, Postgres>, course: i64) -> sqlx::Result<()> {
    sqlx::query("SELECT 1 FROM courses WHERE id = $1 FOR UPDATE")
        .bind(course)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn seats_left(conn: &mut PgConnection, course: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT seats - taken FROM courses WHERE id = $1")
        .bind(course)
        .fetch_one(conn)
        .await
}

async fn insert_seat(
    tx: &mut Transaction<'_, Postgres>,
    student: i64,
    course: i64,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO seats (student, course) VALUES ($1, $2)")
        .bind(student)
        .bind(course)
        .execute(tx.as_mut())
        .await?;
    sqlx::query("UPDATE courses SET taken = taken + 1 WHERE id = $1")
        .bind(course)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
