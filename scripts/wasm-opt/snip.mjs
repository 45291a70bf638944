// Replaces by a trap what no contract runs: the names in a captured backtrace. In wasm none is ever captured, but the vtable of
// cosmwasm-std's errors keeps the code for it alive, 20 kB in every contract. node snip.mjs IN OUT
import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";

// What that crate itself defines. Not what it instantiates of the standard library, which others may share.
const UNREACHABLE = /^_RNv([MX](s[0-9a-zA-Z]*_)?)?(Nt)*Cs[0-9a-zA-Z]+_14rustc_demangle/;

const [input, output] = process.argv.slice(2);
const contract = binaryen.readBinary(readFileSync(input));
for (let index = 0; index < contract.getNumFunctions(); index++) {
  const ref = contract.getFunctionByIndex(index);
  const { name, module } = binaryen.getFunctionInfo(ref);
  if (module === "" && UNREACHABLE.test(name)) binaryen.Function.setBody(ref, contract.unreachable());
}
writeFileSync(output, contract.emitBinary());
