//! The TLS client of the store, from PEM files. Nothing is sent here.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::connect::{ConnectError, CqlTls};

/// Trusts the given certificates only; shows ours where there is one.
pub(super) fn client(files: &CqlTls) -> Result<Arc<ClientConfig>, ConnectError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&files.ca)? {
        roots.add(certificate).map_err(|e| spoilt(&files.ca, &e))?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| spoilt(&files.ca, &e))?
        .with_root_certificates(roots);
    let client = match &files.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| spoilt(key, &e))?;
            builder
                .with_client_auth_cert(certificates(certificate)?, secret)
                .map_err(|e| spoilt(certificate, &e))?
        }
    };
    Ok(Arc::new(client))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let parsed = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<_, _>>);
    let certificates: Vec<_> = parsed.map_err(|e| spoilt(path, &e))?;
    if certificates.is_empty() {
        return Err(spoilt(path, &"it holds no certificate"));
    }
    Ok(certificates)
}

fn spoilt(path: &Path, cause: &dyn std::fmt::Display) -> ConnectError {
    ConnectError::Tls { path: path.to_owned(), cause: cause.to_string() }
}
