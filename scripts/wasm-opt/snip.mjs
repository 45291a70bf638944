// Replaces by a trap what no contract runs: printing a captured backtrace. In wasm none is ever captured, but the vtable of cosmwasm-std's
// errors keeps the code for it alive, 25 kB in every contract. node snip.mjs IN OUT
import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";

const UNREACHABLE = /rustc_demangle|backtrace_rs/;

const [input, output] = process.argv.slice(2);
const contract = binaryen.readBinary(readFileSync(input));
for (let index = 0; index < contract.getNumFunctions(); index++) {
  const ref = contract.getFunctionByIndex(index);
  const { name, module } = binaryen.getFunctionInfo(ref);
  if (module === "" && UNREACHABLE.test(name)) binaryen.Function.setBody(ref, contract.unreachable());
}
writeFileSync(output, contract.emitBinary());
