//! The ceiling: a bare axum server that sends fixed bytes.

use std::io;
use std::path::Path;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

/// Serves the bytes of a file at `/` on a free port and prints the address.
pub async fn serve(file: &Path) -> io::Result<()> {
    let body: &'static [u8] = Box::leak(std::fs::read(file)?.into_boxed_slice());
    let app = Router::new()
        .route("/", get(move || async move { ([(CONTENT_TYPE, "application/fhir+json")], body) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    use std::io::Write;
    writeln!(io::stdout(), "{address}")?;
    axum::serve(axum::serve::ListenerExt::tap_io(listener, |s| drop(s.set_nodelay(true))), app)
        .await
}
