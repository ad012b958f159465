// What esbuild's text loader does, for jest: a payload file becomes a module that exports its text.
module.exports = { process: (text) => ({ code: `module.exports = { __esModule: true, default: ${JSON.stringify(text)} };` }) };
