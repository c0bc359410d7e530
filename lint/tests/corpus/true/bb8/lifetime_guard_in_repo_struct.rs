// A repository borrows its guard from the pool and outlives a call to the translation service.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub struct PhraseRepo<'p> {
    conn: PooledConnection<'p, PostgresConnectionManager<NoTls>>,
}

impl<'p> PhraseRepo<'p> {
    pub async fn open(
        pool: &'p Pool<PostgresConnectionManager<NoTls>>,
    ) -> Result<PhraseRepo<'p>, Error> {
        Ok(Self { conn: pool.get().await? })
    }

    pub async fn text(&self, key: &str) -> Result<String, Error> {
        Ok(self.conn.query_one("SELECT text FROM phrases WHERE key = $1", &[&key]).await?.get(0))
    }

    pub async fn store(&self, key: &str, lang: &str, text: &str) -> Result<(), Error> {
        self.conn
            .execute(
                "INSERT INTO translations (key, lang, text) VALUES ($1, $2, $3)",
                &[&key, &lang, &text],
            )
            .await?;
        Ok(())
    }
}

pub async fn translate(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    translator: &Translator,
    key: &str,
) -> Result<(), Error> {
    let phrases = PhraseRepo::open(pool).await?;
    let english = phrases.text(key).await?;
    for lang in ["de", "fr", "pl"] {
        let translated = translator.translate(&english, lang).await?; //~ SA001
        phrases.store(key, lang, &translated).await?;
    }
    Ok(())
}

pub struct Translator {
    http: reqwest::Client,
}

impl Translator {
    async fn translate(&self, text: &str, lang: &str) -> Result<String, Error> {
        let url = format!("http://translate/{lang}");
        Ok(self.http.post(url).body(text.to_owned()).send().await?.text().await?)
    }
}
