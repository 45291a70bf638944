//! TLS by the key that the chain names.

use std::sync::Arc;
use std::time::Duration;

use leasehold_api::provider::Contact;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature, CryptoProvider};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, SignatureScheme};
use sha2::{Digest, Sha256};

use super::GatewayClientError;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// HTTPS to the holder of the key on chain, nobody else, and without detours.
pub fn pinned_http(contact: &Contact) -> Result<reqwest::Client, GatewayClientError> {
    let setup = |reason: String| GatewayClientError::Setup {
        gateway: contact.gateway.clone(),
        reason,
    };
    let pin = contact.tls_pin.as_slice().try_into();
    let pin = pin.map_err(|_| setup("its TLS pin on chain is not 32 bytes".to_owned()))?;
    let tls = pinned_tls(pin).map_err(|e| setup(e.to_string()))?;
    reqwest::Client::builder()
        .use_preconfigured_tls(tls)
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .build()
        .map_err(|e| setup(e.to_string()))
}

/// TLS that speaks to the holder of one key only; `pin` is the SHA-256 of its SPKI.
pub fn pinned_tls(pin: [u8; 32]) -> Result<rustls::ClientConfig, rustls::Error> {
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Pinned {
        pin,
        crypto: crypto.clone(),
    });
    Ok(rustls::ClientConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

/// Believes one public key and nothing else: no names, no dates, no authorities.
#[derive(Debug)]
struct Pinned {
    /// SHA-256 of the SPKI.
    pin: [u8; 32],
    crypto: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let spki = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        match Sha256::digest(spki) == self.pin.into() {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(rustls::Error::General(
                "its TLS key is not the one on chain".to_owned(),
            )),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto
            .signature_verification_algorithms
            .supported_schemes()
    }
}
