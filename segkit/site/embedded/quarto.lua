-- The constructs of Quarto that pandoc does not know, for HTML, in passes over the document:
-- normalise (conditions, callouts, tabs), number, draw (draw.lua), resolve references, place the bibliography.
local P = pandoc
local here = PANDOC_SCRIPT_FILE:match("^(.*[/\\])") or ""
local shared = dofile(here .. "shared.lua")
local words, theorem, callout, index = shared.words, shared.theorem, shared.callout, shared.index
local kind, take, has, md, rawi = shared.kind, shared.take, shared.has, shared.md, shared.rawi
local count, section, meta, top_level = {}, {}, {}, nil

local function fault(text) io.stderr:write("[fault] " .. text .. "\n") end

---------------------------------------------------------------------------------------------------------- normalise
local function visible(el)
  local when, unless = take(el, "when-format"), take(el, "unless-format")
  local function html(format) return format == "html" or format == "html5" end
  local shown = (not when or html(when)) and (not unless or not html(unless))
  if el.classes:includes("content-hidden") then shown = not shown end
  return shown
end

local function conditional(el)
  if el.classes:includes("content-visible") or el.classes:includes("content-hidden") then
    return visible(el) and el.content or {}
  end
end

-- A callout's title becomes its first child, whether it came as a heading, an attribute or not at all.
local function normal_callout(el, name)
  local title, first, inlines = take(el, "title"), el.content[1], nil
  if first and first.t == "Header" then
    inlines = first.content
    el.content:remove(1)
  elseif title then
    inlines = md(title)
  end
  el.attributes["has-title"] = inlines and "true" or nil
  el.content:insert(1, P.Div({ P.Plain(inlines or { P.Str(callout[name]) }) }, { class = "callout-title" }))
  return el
end

local function normal_tabset(el)
  local level
  for _, b in ipairs(el.content) do
    if b.t == "Header" then level = math.min(level or 9, b.level) end
  end
  local panes = P.Blocks {}
  for _, b in ipairs(el.content) do
    if b.t == "Header" and b.level == level then
      panes:insert(P.Div({ P.Div({ P.Plain(b.content) }, { class = "tab-title" }) }, { class = "tab" }))
    elseif #panes > 0 then
      panes[#panes].content:insert(b)
    end
  end
  el.content = panes
  return el
end

-- Older pandocs leave `: caption {#tbl-x}` in the caption's text.
local function normal_table(el)
  local last = el.caption.long[#el.caption.long]
  local tail = el.identifier == "" and last and last.content[#last.content]
  local id = tail and tail.t == "Str" and tail.text:match("^{#(tbl%-[^}]+)}$")
  if not id then return nil end
  last.content:remove()
  el.identifier = id
  if last.content[#last.content] and last.content[#last.content].t == "Space" then last.content:remove() end
  return el
end

local quarto_only = { lightbox = true, listing = true, ["panel-sidebar"] = true, ["panel-input"] = true,
  ["ojs-cell"] = true, mermaid = true }

local function refuse(el)
  for _, class in ipairs(el.classes) do
    if quarto_only[class] then fault("." .. class .. ": only Quarto does this") end
  end
  if el.t == "CodeBlock" and (el.text .. "\n"):find("# <%d+>%s*\n") then fault("code annotation: only Quarto does this") end
end

local normalise = {
  Meta = function(m) meta = m end,
  Div = function(el)
    refuse(el)
    local found = conditional(el)
    if found then return found end
    local name = has(el, "callout%-")
    if name and callout[name] then return normal_callout(el, name) end
    if el.classes:includes("panel-tabset") then return normal_tabset(el) end
    local k = kind(el.identifier)
    if k and theorem[k] and el.content[1] and el.content[1].t == "Header" then
      el.content[1] = P.Div({ P.Plain(el.content[1].content) }, { class = "theorem-name" })
      return el
    end
  end,
  Span = conditional,
  Image = refuse,
  CodeBlock = refuse,
  Table = normal_table,
}

------------------------------------------------------------------------------------------------------------- number
local function register(id, parent)
  local k = kind(id)
  if not k or index[id] then return end
  if parent then
    local p = index[parent]
    p.subs = (p.subs or 0) + 1
    index[id] = { kind = k, parent = parent, number = string.char(96 + p.subs) }
  else
    count[k] = (count[k] or 0) + 1
    index[id] = { kind = k, number = tostring(count[k]) }
  end
end

local function number_header(h)
  if h.classes:includes("unnumbered") then
    if h.identifier:match("^sec%-") then index[h.identifier] = { kind = "sec", title = h.content } end
    return nil
  end
  local n = h.level - (top_level or 1) + 1
  section[n] = (section[n] or 0) + 1
  for i = n + 1, 9 do section[i] = nil end
  local parts = {}
  for i = 1, n do parts[i] = tostring(section[i] or 0) end
  local text, numbered = table.concat(parts, "."), meta["number-sections"] == true
  if h.identifier:match("^sec%-") then
    index[h.identifier] = { kind = "sec", number = numbered and text or nil, title = h.content }
  end
  local depth = tonumber(P.utils.stringify(meta["number-depth"] or "6"))
  if numbered and n <= depth then
    h.content = P.Inlines { rawi('<span class="header-section-number">' .. text .. "</span> ") } .. h.content
    return h
  end
end

local function number_div(el)
  local id, k = el.identifier, kind(el.identifier)
  if not k or k == "sec" then return end
  register(id)
  local function below(child)
    if kind(child.identifier) == k then register(child.identifier, id) end
  end
  el:walk { Div = below, Figure = below, Image = below, Table = below }
end

-- `$$ ... $$ {#eq-x}`
local function number_equations(list)
  local out, i = P.Inlines {}, 1
  while i <= #list do
    local el, skip = list[i], 0
    if el.t == "Math" and el.mathtype == "DisplayMath" then
      local j = i + 1
      if list[j] and (list[j].t == "Space" or list[j].t == "SoftBreak") then j = j + 1 end
      local id = list[j] and list[j].t == "Str" and list[j].text:match("^{#(eq%-[^}]+)}$")
      if id then
        register(id)
        skip = j - i
        local label = rawi('<span class="eq-number">(' .. index[id].number .. ")</span>")
        el = P.Span({ el, label }, { id = id, class = "equation" })
      end
    end
    out:insert(el)
    i = i + 1 + skip
  end
  return out
end

local function by_id(el) register(el.identifier) end

local measure = {
  Pandoc = function(doc)
    doc:walk { Header = function(h)
      if not h.classes:includes("unnumbered") then top_level = math.min(top_level or 9, h.level) end
    end }
  end,
}
local number = {
  traverse = "topdown",
  Header = number_header, Div = number_div, Figure = by_id, Table = by_id, CodeBlock = by_id, Inlines = number_equations,
}

------------------------------------------------------------------------------------------------------------ resolve
local function reference(citation, id)
  local e, text = index[id], P.Inlines {}
  if not e then
    fault("unresolved cross reference @" .. citation.id)
    return P.Strong("?@" .. citation.id)
  end
  if #citation.prefix > 0 then
    text = citation.prefix .. P.Inlines { P.Str("\u{a0}") }
  elseif citation.mode ~= "SuppressAuthor" then
    text = P.Inlines { P.Str(words[e.kind] .. "\u{a0}") }
  end
  if e.parent then
    text:insert(P.Str(index[e.parent].number .. "\u{a0}(" .. e.number .. ")"))
  elseif e.number then
    text:insert(P.Str(e.number))
  else
    fault("@" .. citation.id .. " has no number (number-sections)")
    text = e.title
  end
  return P.Link(text, "#" .. id, "", { class = "xref" })
end

local function resolve_cite(el)
  local out, rest = P.Inlines {}, P.List {}
  for _, c in ipairs(el.citations) do
    local id = c.id:sub(1, 1):lower() .. c.id:sub(2)
    if kind(id) then
      if #out > 0 then out:extend { P.Str(","), P.Space() } end
      out:insert(reference(c, id))
    else
      rest:insert(c)
      if not meta.bibliography then fault("unknown citation @" .. c.id) end
    end
  end
  if #out == 0 then return nil end
  if #rest > 0 then fault("one pair of brackets holds a cross reference and a citation: @" .. rest[1].id) end
  return out
end

local bibliography = {
  Pandoc = function(doc)
    local cited, placed = false, false
    doc:walk {
      Cite = function() cited = true end,
      Div = function(d) if d.identifier == "refs" then placed = true end end,
    }
    if cited and not placed and doc.meta.bibliography then
      doc.blocks:extend {
        P.Header(2, "References", { id = "references", class = "unnumbered" }), P.Div({}, { id = "refs" }) }
    end
    return doc
  end,
}

return { normalise, measure, number, dofile(here .. "draw.lua")(shared), { Cite = resolve_cite }, bibliography }
