//! Integrations for the Vodia PBX.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
