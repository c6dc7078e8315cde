#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_soak::laws::module_script::service_config(data));
