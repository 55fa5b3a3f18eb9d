-- Names and small functions that quarto.lua and draw.lua share.
local P = pandoc
local M = { index = {} }       -- index: id to { kind, number, parent, title }

M.words = { fig = "Figure", tbl = "Table", lst = "Listing", eq = "Equation", sec = "Section",
  thm = "Theorem", lem = "Lemma", cor = "Corollary", prp = "Proposition", cnj = "Conjecture",
  def = "Definition", exm = "Example", exr = "Exercise",
  nte = "Note", tip = "Tip", wrn = "Warning", imp = "Important", cau = "Caution" }
M.theorem = { thm = true, lem = true, cor = true, prp = true, cnj = true, def = true, exm = true, exr = true }
M.callout = { note = "Note", tip = "Tip", warning = "Warning", important = "Important", caution = "Caution" }

-- The kind of thing that an identifier names (`fig-map`: fig), or nil.
function M.kind(id)
  local k = id and id:match("^(%a+)%-.")
  return k and M.words[k] and k
end

function M.raw(s) return P.RawBlock("html", s) end
function M.rawi(s) return P.RawInline("html", s) end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
function M.esc(s) return (s:gsub("[&<>\"]", entities)) end

-- One line of Markdown as inlines.
function M.md(s)
  local block = P.read(s, "markdown").blocks[1]
  return block and block.content or P.Inlines {}
end

function M.take(el, name)
  local value = el.attributes[name]
  el.attributes[name] = nil
  return value
end

function M.has(el, prefix)
  for _, c in ipairs(el.classes) do
    local rest = c:match("^" .. prefix .. "(.+)$")
    if rest then return rest end
  end
end

return M
