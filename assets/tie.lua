-- Keeps a formula inside a sentence and the punctuation after it on one line; browsers would break between them.
local after = "^[%.,;:%)%?!]+"

function Inlines(inlines)
  local out = pandoc.Inlines {}
  local i = 1
  while i <= #inlines do
    local math, next_one = inlines[i], inlines[i + 1]
    local mark = next_one and next_one.t == "Str" and next_one.text:match(after)
    if math.t == "Math" and math.mathtype == "InlineMath" and mark then
      out:insert(pandoc.Span({ math, pandoc.Str(mark) }, pandoc.Attr("", { "sk-tie" })))
      if #mark < #next_one.text then out:insert(pandoc.Str(next_one.text:sub(#mark + 1))) end
      i = i + 2
    else
      out:insert(math)
      i = i + 1
    end
  end
  return out
end
