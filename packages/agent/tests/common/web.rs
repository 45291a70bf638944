//! A manifest of one service.

use leasehold_sdl::Sdl;

/// `service` is the rest of the service, as YAML in a line. Each replica takes a tenth of a core, for at most 150 a second.
pub fn web(service: &str, count: u32) -> Sdl {
    let text = format!(
        r#"
version: "2.0"
services:
  web: {{ image: ignored, {service} }}
profiles:
  compute:
    web: {{ resources: {{ cpu: {{ units: 0.1 }}, memory: {{ size: 64Mi }}, storage: {{ size: 16Mi }} }} }}
  placement:
    here: {{ pricing: {{ web: {{ denom: uakt, amount: 1000 }} }} }}
deployment:
  web: {{ here: {{ profile: web, count: {count} }} }}
"#
    );
    Sdl::parse("test", &text).unwrap()
}
