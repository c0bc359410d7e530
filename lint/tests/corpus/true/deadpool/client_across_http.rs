// A pooled client is held while an HTTP service is asked.
use deadpool_postgres::Pool;

pub struct Weather {
    pool: Pool,
    http: reqwest::Client,
}

impl Weather {
    pub async fn refresh(&self, station: i32) -> Result<f64, WeatherError> {
        let client = self.pool.get().await?;
        let row = client.query_one("SELECT url FROM stations WHERE id = $1", &[&station]).await?;
        let url: &str = row.get(0);
        let response = self.http.get(url).send().await?; //~ SA001
        let reading: f64 = response.json().await?; //~ SA001
        client
            .execute("UPDATE stations SET celsius = $1 WHERE id = $2", &[&reading, &station])
            .await?;
        Ok(reading)
    }
}
