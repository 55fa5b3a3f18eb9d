-- The pass that draws: floats with captions, layouts, callouts, tabs, folded code, theorems.
return function(shared)
local P = pandoc
local words, theorem, callout, index = shared.words, shared.theorem, shared.callout, shared.index
local kind, take, has, md = shared.kind, shared.take, shared.has, shared.md
local raw, rawi, esc = shared.raw, shared.rawi, shared.esc
local tabs = 0

------------------------------------------------------------------------------------------------- floats and layouts
local function label(id, bare)
  local e = index[id]
  if not e then return P.Inlines {} end
  if e.parent then return P.Inlines { P.Str("(" .. e.number .. ")"), P.Space() } end
  local text = words[e.kind] .. "\u{a0}" .. e.number .. (bare and "" or ":")
  return P.Inlines { rawi('<span class="float-label">' .. text .. "</span>"), P.Space() }
end

-- A figure, table or listing: one block, so that layouts count it once. Captions of tables and listings come first.
local function float(id, classes, body, cap, above)
  local names = { "float", "float-" .. (kind(id) or "fig") }
  for _, class in ipairs(classes) do
    if not class:match("^cell%-output") and class ~= "quarto-figure" then names[#names + 1] = class end
  end
  local blocks = P.Blocks(body):map(function(b)       -- an image alone needs no paragraph around it
    return b.t == "Para" and #b.content == 1 and b.content[1].t == "Image" and P.Plain(b.content) or b
  end)
  if index[id] or #cap > 0 then
    local caption = P.Plain(P.Inlines { rawi("<figcaption>") } .. label(id, #cap == 0) .. cap
      .. P.Inlines { rawi("</figcaption>") })
    blocks:insert(above and 1 or #blocks + 1, caption)
  end
  blocks:insert(1, raw("<figure>"))
  blocks:insert(raw("</figure>"))
  return P.Div(blocks, P.Attr(id, names))
end

-- What a layout arranges: a paragraph of several images counts as that many things.
local function pieces(blocks)
  local out = P.Blocks {}
  for _, b in ipairs(blocks) do
    local images = b.t == "Para" and #b.content > 1
    if images then
      for _, x in ipairs(b.content) do
        local blank = x.t == "SoftBreak" or x.t == "Space" or x.t == "LineBreak"
        if x.t ~= "Image" and not blank then images = false end
      end
    end
    if images then
      for _, x in ipairs(b.content) do
        if x.t == "Image" then out:insert(float(x.identifier, {}, { P.Plain { x } }, x.caption, false)) end
      end
    else
      out:insert(b)
    end
  end
  return out
end

local function rows_of(n_items, ncol, nrow, layout)
  local n = tonumber(ncol) or (nrow and math.ceil(n_items / tonumber(nrow)))
  if not n then
    local rows = P.json.decode(layout, false)
    return type(rows[1]) == "table" and rows or { rows }
  end
  local rows = {}
  for i = 1, math.ceil(n_items / n) do
    rows[i] = {}
    for j = 1, n do rows[i][j] = 1 end
  end
  return rows
end

local function grid(el, blocks)
  local ncol, nrow, layout = take(el, "layout-ncol"), take(el, "layout-nrow"), take(el, "layout")
  local valign = take(el, "layout-valign")
  if not (ncol or nrow or layout) then return blocks end
  local items, out, k = pieces(blocks), P.Blocks {}, 1
  for _, row in ipairs(rows_of(#items, ncol, nrow, layout)) do
    local widths, inside = {}, P.Blocks {}
    for _, w in ipairs(row) do
      widths[#widths + 1] = "minmax(0," .. math.abs(tonumber(w)) .. "fr)"
      if tonumber(w) < 0 then
        inside:insert(P.Div({}))
      elseif items[k] then
        inside:insert(P.Div({ items[k] }, { class = "layout-cell" }))
        k = k + 1
      end
    end
    local align = valign and ";align-items:" .. (({ top = "start", bottom = "end" })[valign] or valign) or ""
    out:insert(P.Div(inside, { class = "layout-row", style = "grid-template-columns:" .. table.concat(widths, " ") .. align }))
  end
  while items[k] do
    out:insert(items[k])
    k = k + 1
  end
  return out
end

-- In a float without a caption of its own, the last paragraph is the caption.
local function split_caption(blocks)
  local last = blocks[#blocks]
  if #blocks < 2 or not (last.t == "Para" or last.t == "Plain") then return blocks, P.Inlines {} end
  if #last.content == 1 and last.content[1].t == "Image" then return blocks, P.Inlines {} end
  blocks:remove()
  return blocks, last.content
end

local function draw_float(el, k)
  local explicit = take(el, "float-cap") or (k and take(el, k .. "-cap"))
  local body, cap = el.content, nil
  if explicit then cap = md(explicit) else body, cap = split_caption(body) end
  if #cap == 0 then                                   -- a table inside gives its caption to the float
    body = P.Blocks(body):walk { Table = function(t)
      if #cap > 0 then return nil end
      cap, t.caption = P.utils.blocks_to_inlines(t.caption.long), P.Caption {}
      return t
    end }
  end
  return float(k and el.identifier or "", el.classes, grid(el, body), cap, k == "tbl" or k == "lst")
end

local function draw_figure(el)
  el.content = el.content:walk { Image = function(image)
    local side = take(image, "fig-align")
    if side then el.classes:insert("align-" .. side) end
    return image
  end }
  return float(el.identifier, el.classes, el.content, P.utils.blocks_to_inlines(el.caption.long), false)
end

local function draw_table(el)
  local widths, sum = P.json.decode(take(el, "tbl-colwidths") or "[]", false), 0
  if type(widths) == "table" and #widths == #el.colspecs then
    for _, w in ipairs(widths) do sum = sum + w end
    el.colspecs = el.colspecs:map(function(c, i) return { c[1], widths[i] / sum } end)
  end
  local id = el.identifier
  if index[id] then
    local cap = P.utils.blocks_to_inlines(el.caption.long)
    el.identifier, el.caption = "", P.Caption {}
    return float(id, {}, { el }, cap, true)
  end
  return el
end

------------------------------------------------------------------------------------------------- callouts and tabs
local function draw_callout(el, name)
  local title = el.content[1].content[1].content
  el.content:remove(1)
  local look, icon = take(el, "appearance") or "default", take(el, "icon")
  local collapse, titled = take(el, "collapse"), take(el, "has-title")
  local id, entry = el.identifier, index[el.identifier]
  if entry then
    title = P.Inlines { P.Str(words[entry.kind] .. " " .. entry.number) }
      .. (titled and P.Inlines { P.Str(": ") } .. title or {})
  end
  local class = "callout callout-" .. name .. " look-" .. look
  if icon == "false" or look == "minimal" then class = class .. " no-icon" end
  local tag, head = collapse and "details" or "div", collapse and "summary" or "div"
  local open = "<" .. tag .. (id ~= "" and ' id="' .. esc(id) .. '"' or "") .. ' class="' .. class .. '"'
  open = open .. (collapse == "false" and " open" or "") .. (collapse and ">" or ' role="note">')
  local out = P.Blocks { raw(open) }
  if titled or look == "default" or collapse then
    out:insert(P.Plain(P.Inlines { rawi("<" .. head .. ' class="callout-title">') } .. title
      .. P.Inlines { rawi("</" .. head .. ">") }))
  end
  out:insert(P.Div(el.content, { class = "callout-body" }))
  out:insert(raw("</" .. tag .. ">"))
  return P.Div(out)
end

local function draw_tabset(el)
  tabs = tabs + 1
  local group, panes = el.attributes["group"], P.Blocks {}
  local data = group and ' data-group="' .. esc(group) .. '"' or ""
  local out = P.Blocks { raw('<div class="tabset"' .. data .. '><div class="tab-list" role="tablist">') }
  for i, tab in ipairs(el.content) do
    local id = ("tabset-%d-%d"):format(tabs, i)
    local button = ('<button type="button" role="tab" id="%s-tab" aria-controls="%s" aria-selected="%s" tabindex="%d">')
      :format(id, id, tostring(i == 1), i == 1 and 0 or -1)
    out:insert(P.Plain(P.Inlines { rawi(button) } .. tab.content[1].content[1].content .. P.Inlines { rawi("</button>") }))
    tab.content:remove(1)
    tab.content:insert(1, raw(""))          -- a heading that comes first must not take over the panel
    local attributes = { { "role", "tabpanel" }, { "aria-labelledby", id .. "-tab" }, { "tabindex", "0" } }
    if i > 1 then attributes[4] = { "hidden", "hidden" } end
    panes:insert(P.Div(tab.content, P.Attr(id, { "tab-panel" }, attributes)))
  end
  out:insert(raw("</div>"))
  out:extend(panes)
  out:insert(raw("</div>"))
  return P.Div(out)
end

------------------------------------------------------------------------------------------------- code and theorems
local function draw_code(el)
  local fold, summary = take(el, "code-fold"), take(el, "code-summary")
  local file, cap = take(el, "filename"), take(el, "lst-cap")
  if take(el, "code-line-numbers") == "true" then el.classes:insert("numberLines") end
  local id, out = el.identifier, P.Blocks {}
  if index[id] then el.identifier = "" end
  if file then out:insert(raw('<div class="code-file"><div class="code-file-name">' .. esc(file) .. "</div>")) end
  out:insert(el)
  if file then out:insert(raw("</div>")) end
  if fold then
    local open = fold == "show" and " open" or ""
    out:insert(1, raw('<details class="code-fold"' .. open .. "><summary>" .. esc(summary or "Code") .. "</summary>"))
    out:insert(raw("</details>"))
  end
  if index[id] then return float(id, {}, out, cap and md(cap) or P.Inlines {}, true) end
  return #out > 1 and P.Div(out) or el
end

local function draw_theorem(el, k)
  local text, first = P.Inlines { P.Strong(words[k] .. " " .. index[el.identifier].number) }, el.content[1]
  if first and first.t == "Div" and first.classes:includes("theorem-name") then
    text = text .. P.Inlines { P.Str(" (") } .. first.content[1].content .. P.Inlines { P.Str(")") }
    el.content:remove(1)
    first = el.content[1]
  end
  text:insert(P.Str(". "))
  if first and first.t == "Para" then
    first.content = text .. first.content
    el.content[1] = first
  else
    el.content:insert(1, P.Plain(text))
  end
  el.classes:insert("theorem")
  return el
end

local function draw_proof(el)
  for _, w in ipairs { "proof", "remark", "solution" } do
    local first = el.content[1]
    if el.classes:includes(w) and first and first.t == "Para" then
      first.content = P.Inlines { P.Emph(w:gsub("^%l", string.upper) .. "."), P.Space() } .. first.content
      el.content[1] = first
      return el
    end
  end
end

local function draw_div(el)
  local name, k = has(el, "callout%-"), kind(el.identifier)
  if name and callout[name] then return draw_callout(el, name) end
  if el.classes:includes("panel-tabset") then return draw_tabset(el) end
  if el.classes:includes("column") and el.attributes.width then
    el.attributes.style = "flex-basis:" .. take(el, "width")
    return el
  end
  if k and theorem[k] and index[el.identifier] then return draw_theorem(el, k) end
  if (k == "fig" or k == "tbl" or k == "lst") and index[el.identifier] then return draw_float(el, k) end
  if el.classes:includes("quarto-figure") then return draw_float(el, nil) end
  el.content = grid(el, el.content)
  return draw_proof(el) or el
end

return {
  Image = function(image)
    local text = take(image, "fig-alt")
    if text then image.caption = P.Inlines { P.Str(text) } end
    return image
  end,
  CodeBlock = draw_code,
  Figure = draw_figure,
  Table = draw_table,
  Div = draw_div,
  Link = function(el)
    if el.target:match("^%a[%w+.-]*:") then return nil end
    el.target = el.target:gsub("%.qmd$", ".html"):gsub("%.qmd#", ".html#")
    return el
  end,
}
end
