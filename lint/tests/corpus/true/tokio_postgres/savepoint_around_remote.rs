// A savepoint protects the statement after a remote call that should not be there.
use tokio_postgres::Client;

pub async fn enroll(
    client: &mut Client,
    lms: &Lms,
    student: i64,
    course: &str,
) -> anyhow::Result<()> {
    let mut tx = client.transaction().await?;
    tx.execute("INSERT INTO enrolments (student, course) VALUES ($1, $2)", &[&student, &course])
        .await?;
    let inner = tx.savepoint("remote").await?;
    match lms.enroll(student, course).await { //~ SA001
        Ok(seat) => {
            inner
                .execute("UPDATE enrolments SET seat = $1 WHERE student = $2", &[&seat, &student])
                .await?;
            inner.commit().await?;
        }
        Err(_) => inner.rollback().await?,
    }
    tx.commit().await?;
    Ok(())
}

pub struct Lms(reqwest::Client);

impl Lms {
    pub async fn enroll(&self, student: i64, course: &str) -> anyhow::Result<i32> {
        Ok(self.0.post("http://lms/seats").json(&(student, course)).send().await?.json().await?)
    }
}
