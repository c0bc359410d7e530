// A bb8 pool of SMTP sessions is not a database.
use async_trait::async_trait;
use bb8::{ManageConnection, Pool};

pub struct SmtpManager {
    host: String,
}

pub struct SmtpSession {
    stream: tokio::net::TcpStream,
}

impl ManageConnection for SmtpManager {
    type Connection = SmtpSession;
    type Error = std::io::Error;

    async fn connect(&self) -> Result<SmtpSession, std::io::Error> {
        Ok(SmtpSession { stream: tokio::net::TcpStream::connect(&self.host).await? })
    }

    async fn is_valid(&self, session: &mut SmtpSession) -> Result<(), std::io::Error> {
        session.stream.writable().await
    }

    fn has_broken(&self, _: &mut SmtpSession) -> bool {
        false
    }
}

pub async fn send(pool: &Pool<SmtpManager>, templates: &Templates, to: &str) -> anyhow::Result<()> {
    let session = pool.get().await?;
    let body = templates.render("hello", to).await?;
    session.stream.try_write(body.as_bytes())?;
    Ok(())
}

pub struct Templates(reqwest::Client);

impl Templates {
    pub async fn render(&self, name: &str, to: &str) -> reqwest::Result<String> {
        self.0
            .get(format!("http://templates/{name}"))
            .query(&[("to", to)])
            .send()
            .await?
            .text()
            .await
    }
}
