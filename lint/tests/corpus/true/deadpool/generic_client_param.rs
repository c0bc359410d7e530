// A function over GenericClient sends a mail with its caller's transaction in hand.
use deadpool_postgres::{GenericClient, Pool};

pub async fn create_account(
    pool: &Pool,
    mailer: &Mailer,
    email: &str,
) -> Result<i64, AccountError> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let id = insert_and_welcome(&tx, mailer, email).await?;
    tx.commit().await?;
    Ok(id)
}

async fn insert_and_welcome<C: GenericClient>(
    db: &C,
    mailer: &Mailer,
    email: &str,
) -> Result<i64, AccountError> {
    let row =
        db.query_one("INSERT INTO accounts (email) VALUES ($1) RETURNING id", &[&email]).await?;
    mailer.deliver(email, include_str!("welcome.txt")).await?; //~ SA001
    Ok(row.get(0))
}

pub struct Mailer {
    relay: lettre::AsyncSmtpTransport<lettre::Tokio1Executor>,
}

impl Mailer {
    pub async fn deliver(&self, to: &str, text: &str) -> Result<(), MailError> {
        use lettre::AsyncTransport;
        let message = lettre::Message::builder().to(to.parse()?).body(text.to_owned())?;
        self.relay.send(message).await?;
        Ok(())
    }
}
