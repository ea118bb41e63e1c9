// node compile.mjs FOLDER: compile a layer's folder in place with the CPython that pyodide is; nothing is downloaded.
// The folder stands at /opt in there, as on Lambda, so that the bytecode names the paths that run.
import { loadPyodide } from "pyodide";

const { FS, runPython } = await loadPyodide();
FS.mkdirTree("/opt/python");
FS.mount(FS.filesystems.NODEFS, { root: `${process.argv[2]}/python` }, "/opt/python");
const done = runPython(`
import compileall, py_compile
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
compileall.compile_dir("/opt/python", maxlevels=100, quiet=1, invalidation_mode=unchecked)
`);
process.exit(done ? 0 : 1);
