//! `accord serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use accord_access::consent::DefaultEntry;
use accord_base::{Clock, SystemClock};
use accord_engine::{Engine, Options};
use accord_http::{App, BASE, BaseUrl, ServeOptions, Tls, Web};
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::administration;
use crate::fail::Fail;
use crate::hooks;
use crate::identity;
use crate::oidc::Oidc;
use crate::out;
use crate::policy;
use crate::schemes;
use crate::timers;
use crate::zone::ZoneArgs;

/// Serve a store over HTTP.
#[derive(Args)]
pub struct Serve {
    /// Folder of the store.
    #[arg(long)]
    data: PathBuf,
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder with the built pages of the web front end, to be served at `/`.
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
    /// Base address of links; from the `Host` header otherwise.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Memory that the bodies of requests under way may take, in MiB, each counted as eight times
    /// its length.
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = 1..=1 << 20)]
    max_body_memory: i64,
    /// Let `/metrics` answer without a token.
    #[arg(long)]
    metrics_open: bool,
    /// Certificate chain in PEM, the server's own first: serve HTTPS. Read again on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_key", requires = "base_url")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Certificates in PEM that vouch for certificates of clients; clients may then show one. Read
    /// again on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
    /// Let pages of this origin use the FHIR interface from browsers, besides those of registered
    /// apps; may be given several times.
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<String>,
    /// Let apps register themselves, for patients' own records and reading alone.
    #[arg(long)]
    open_registration: bool,
    /// What holds where no consent of the patient speaks: all-normal (as delivered), basic-normal,
    /// break-glass-only or deny of IHE PCF; for an organisation, a purpose of use or both as
    /// `[ORGANIZATION][:PURPOSE]=POLICY`. May be given several times; the last that fits counts.
    #[arg(long, value_name = "POLICY", value_parser = policy::entry)]
    default_policy: Vec<DefaultEntry>,
    /// Whether what is written may refer only to what exists for whoever writes, and what is
    /// referred to is not deleted.
    #[arg(long, value_name = "ON|OFF", value_enum, default_value = "on")]
    referential_integrity: Switch,
    /// Let subscriptions send to this host (or `HOST:PORT`) though it is inside or takes no HTTPS;
    /// may be given several times.
    #[arg(long, value_name = "HOST")]
    allow_hook_to: Vec<String>,
    /// Folder of the site's own triage and score schemes, `.json` files (docs/triage.md).
    #[arg(long, value_name = "DIR")]
    triage_schemes: Option<PathBuf>,
    /// Triage scheme whose waits and intervals count where no other is named; `ats` otherwise.
    #[arg(long, value_name = "ID")]
    triage_scheme: Option<String>,
    #[command(flatten)]
    zones: ZoneArgs,
    #[command(flatten)]
    oidc: Oidc,
}

/// Something that is done or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// Runs the command until the process is told to stop.
pub fn run(serve: &Serve) -> Result<(), Fail> {
    let consents = policy::defaults(&serve.default_policy);
    let referential_integrity = serve.referential_integrity == Switch::On;
    let zones = serve.zones.zones();
    let options =
        Options { consents, referential_integrity, zones: zones.clone(), ..Options::default() };
    let engine = Engine::open(&serve.data, &options)?;
    administration::record(&engine, &serve.data)?;
    let clock = Arc::new(SystemClock);
    let (key, test) = (engine.token_key(), engine.test_principals());
    let schemes = (serve.triage_schemes.as_deref(), serve.triage_scheme.as_deref());
    let rules = Arc::new(schemes::rules(schemes.0, schemes.1, test)?.in_zones(zones));
    let mut authority = identity::authority(&serve.data, key, test, serve.oidc.foreign()?)?;
    authority.open_registration = serve.open_registration;
    authority.mutual_tls = serve.tls_client_ca.is_some();
    authority.allow_origins(serve.cors_origin.clone()).map_err(Fail::new)?;
    let authority = Arc::new(authority);
    let base_url = serve.base_url.as_deref().map(BaseUrl::new).transpose()?;
    let scheme = if serve.tls_cert.is_some() { "https" } else { "http" };
    let base = match &base_url {
        Some(base) => base.as_str().to_owned(),
        None => format!("{scheme}://{}{BASE}", serve.listen),
    };
    let hooks = hooks::open(&serve.data, &engine, &authority, (base, &serve.allow_hook_to))?;
    let web = serve.web.as_deref().map(Web::read).transpose()?.map(Arc::new);
    let options = accord_http::Options {
        web,
        rules: Some(rules.clone()),
        kiosks: timers::kiosks(&engine),
        base_url,
        metrics_open: serve.metrics_open,
        identity: Some(authority.clone()),
        hooks: Some(hooks.clone()),
        max_body_memory: usize::try_from(serve.max_body_memory)? << 20,
        ..accord_http::Options::default()
    };
    let app = App::new(engine.clone(), authority.tokens(), options, clock.now());
    let clients = serve.tls_client_ca.as_deref();
    let files = serve.tls_cert.as_deref().zip(serve.tls_key.as_deref());
    let tls = files.map(|(chain, key)| Tls::with_clients(chain, key, clients)).transpose()?;
    let tls = tls.map(Arc::new);
    let timers = timers::start(engine.clone(), rules)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let delivery = accord_jobs::run(hooks)?;
    runtime.block_on(async {
        let listener = TcpListener::bind(serve.listen).await?;
        let address = listener.local_addr()?;
        out::line(&format!("serving FHIR R4 at {scheme}://{address}{BASE}"))?;
        tokio::spawn(identity::watch(authority, engine.clone(), serve.data.clone()));
        let mut terminate = signal(SignalKind::terminate())?;
        let stop = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        if let Some(tls) = tls.clone() {
            tokio::spawn(reload(tls, signal(SignalKind::hangup())?));
        }
        accord_http::serve_over(listener, tls, app, ServeOptions::default(), stop).await;
        Ok::<(), Fail>(())
    })?;
    delivery.stop();
    drop(timers);
    engine.close();
    Ok(())
}

/// Reads certificate and key again whenever the operator says so.
async fn reload(tls: Arc<Tls>, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("certificate and key were read again"),
            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
        }
    }
}
