// Macros by example make a function, and a method of a type.
use sqlx::PgConnection;

macro_rules! job {
    ($name:ident($conn:ident, $http:ident) $body:block) => {
        pub async fn $name($conn: &mut PgConnection, $http: &reqwest::Client) -> anyhow::Result<()> {
            $body
        }
    };
}

job!(water_plants(conn, http) {
    sqlx::query("UPDATE plants SET dry = false").execute(&mut *conn).await?;
    http.post("http://valve").send().await?; //~ SA001
    Ok(())
});

macro_rules! step {
    ($name:ident, |$this:ident, $conn:ident| $body:block) => {
        pub async fn $name(&self, $conn: &mut PgConnection) -> anyhow::Result<()> {
            let $this = self;
            $body
        }
    };
}

pub struct Greenhouse {
    http: reqwest::Client,
}

impl Greenhouse {
    step!(open_roof, |house, conn| {
        house.http.post("http://roof").send().await?; //~ SA001
        sqlx::query("INSERT INTO log (text) VALUES ('open')").execute(conn).await?;
        Ok(())
    });
}
