#!/usr/bin/env escript
%% Makes and judges terms for erlang.rs, the same ones in every run.
%%
%%   beam.escript make FILE SEED writes terms, damaged messages and pairs of terms
%%   beam.escript judge A B      prints the numbers of the messages in A and B that differ as terms
%%
%% A file is a sequence of fields, each a length of 32 bits and that number of bytes.
-mode(compile).

main(["make", Path, Seed]) ->
    rand:seed(exsss, {1, 2, 2 + list_to_integer(Seed)}),
    {ok, File} = file:open(Path, [write, raw, delayed_write]),
    Release = list_to_binary(erlang:system_info(otp_release)),
    write(File, [Release]),
    make(File, 15000, fun term_fields/1),
    make(File, 15000, fun damaged_fields/1),
    make(File, 5000, fun pair_fields/1),
    ok = file:close(File);
main(["judge", A, B]) ->
    {ok, FileA} = file:read_file(A),
    {ok, FileB} = file:read_file(B),
    judge(0, FileA, FileB).

make(File, Count, Fields) ->
    [write(File, Fields(At)) || At <- lists:seq(1, Count)].

write(File, Fields) ->
    ok = file:write(File, [[<<(byte_size(Field)):32>>, Field] || Field <- Fields]).

judge(_, <<>>, <<>>) ->
    ok;
judge(At, <<LenA:32, A:LenA/binary, RestA/binary>>, <<LenB:32, B:LenB/binary, RestB/binary>>) ->
    case binary_to_term(A) =:= binary_to_term(B) of
        true -> ok;
        false -> io:format("~b~n", [At])
    end,
    judge(At + 1, RestA, RestB).

%% A message in one of the three versions of the format, and the term as Erlang prints it.
term_fields(At) ->
    Term = term(rand:uniform(4)),
    Message = term_to_binary(Term, [{minor_version, At rem 3}]),
    [Message, unicode:characters_to_binary(io_lib:format("~0tp", [Term]))].

%% A damaged message, and what Erlang writes for the term it reads; no bytes if it reads none.
damaged_fields(At) ->
    Message = term_to_binary(term(rand:uniform(3)), [{minor_version, At rem 3}]),
    Damaged = damage(rand:uniform(3), Message),
    %% A damaged fun (112) or term in the local form of a node (121) makes Erlang itself crash, and
    %% compressed terms (80) are not decoded.
    case binary:match(Damaged, [<<112>>, <<121>>, <<131, 80>>]) of
        nomatch ->
            [Damaged, read(Damaged)];
        _ ->
            damaged_fields(At)
    end.

read(Message) ->
    try binary_to_term(Message, [used]) of
        {Term, Used} when Used =:= byte_size(Message) -> term_to_binary(Term);
        _ -> <<>>
    catch
        error:_ -> <<>>
    end.

damage(0, Message) ->
    Message;
damage(Times, Message) ->
    At = rand:uniform(byte_size(Message)) - 1,
    <<Front:At/binary, Byte, Back/binary>> = Message,
    Damaged =
        case rand:uniform(8) of
            1 -> <<Front/binary, Back/binary>>;
            2 -> <<Front/binary, Byte, Byte, Back/binary>>;
            3 -> <<Front/binary, (Byte bxor (1 bsl rand:uniform(7))), Back/binary>>;
            4 -> <<Front/binary, (pick(tags())), Back/binary>>;
            5 -> <<Front/binary, 0, Back/binary>>;
            6 -> <<Front/binary, (Byte + 1), Back/binary>>;
            7 -> <<Front/binary, (Byte - 1), Back/binary>>;
            8 -> <<Front/binary, (rand:uniform(256) - 1), Back/binary>>
        end,
    damage(Times - 1, case Damaged of <<>> -> <<131>>; _ -> Damaged end).

tags() ->
    [70, 77, 88, 89, 90, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
     113, 114, 115, 116, 118, 119, 120].

%% Two messages, how Erlang orders their terms (as `<`, `=`, or `>`), and whether they are the same.
pair_fields(_) ->
    A = small(rand:uniform(3)),
    B = case rand:uniform(4) of
            1 -> small(rand:uniform(3));
            _ -> tweak(A)
        end,
    Order = if A < B -> <<"<">>; A > B -> <<">">>; true -> <<"=">> end,
    Same = if A =:= B -> <<1>>; true -> <<0>> end,
    [term_to_binary(A), term_to_binary(B), Order, Same].

pick(List) ->
    lists:nth(rand:uniform(length(List)), List).

several(Most, Make) ->
    [Make() || _ <- lists:seq(1, rand:uniform(Most + 1) - 1)].

%% Any term of at most this many levels.
term(0) ->
    case rand:uniform(12) of
        1 -> rand:uniform(300) - 20;
        2 -> integer();
        3 -> float_();
        4 -> atom_();
        5 -> list_to_binary(several(12, fun() -> rand:uniform(256) - 1 end));
        6 -> unicode:characters_to_binary(text());
        7 -> bits();
        8 -> text();
        9 -> identifier();
        10 -> pick([fun lists:map/2, fun erlang:self/0, fun 'A b':'end'/255]);
        11 -> several(20, fun() -> rand:uniform(256) - 1 end);
        12 -> pick([[], {}, #{}, true, false, undefined])
    end;
term(Levels) ->
    Inner = fun() -> term(rand:uniform(Levels) - 1) end,
    case rand:uniform(10) of
        1 -> several(6, Inner);
        2 -> list_to_tuple(several(6, Inner));
        3 -> maps:from_list([{Inner(), Inner()} || _ <- several(5, fun() -> x end)]);
        4 -> several(3, Inner) ++ [function(Inner)];
        5 -> [Inner() | improper_tail(Inner)];
        6 -> function(Inner);
        7 -> {several(2, Inner) ++ [{x, function(Inner)}], Inner()};
        8 -> #{Inner() => Inner(), Inner() => several(3, Inner) ++ [function(Inner)]};
        9 when Levels < 3 -> maps:from_list([{X * X, X} || X <- lists:seq(1, 33)]);
        _ -> term(0)
    end.

improper_tail(Inner) ->
    case Inner() of
        Tail when is_list(Tail) -> function(Inner);
        Tail -> Tail
    end.

function(Inner) ->
    A = Inner(),
    case rand:uniform(4) of
        1 -> fun() -> A end;
        2 -> fun(X) -> {A, X} end;
        3 -> B = Inner(), fun(X, _) -> {A, B, X} end;
        4 -> fun() -> x end
    end.

integer() ->
    Sign = pick([1, -1]),
    Bits = pick([7, 8, 15, 16, 27, 28, 31, 32, 53, 59, 60, 63, 64, 65, 127, 128, 255, pick([1023, 2040, 2048])]),
    case rand:uniform(3) of
        1 -> Sign * ((1 bsl Bits) + rand:uniform(5) - 3);
        2 -> Sign * rand:uniform(1 bsl Bits);
        3 -> Sign * rand:uniform(1 bsl rand:uniform(Bits))
    end.

float_() ->
    case rand:uniform(5) of
        1 -> (rand:uniform(2000) - 1000) / 8;
        2 -> pick([0.0, 1.0e22, 1.0e23, 5.0e-324, 1.7976931348623157e308, 123456789.125, 0.1]);
        3 -> pick([1, -1]) * math:pow(2, rand:uniform(1000) - 500) * (1 + rand:uniform(4) / 4);
        4 -> rand:uniform() * math:pow(10, rand:uniform(40) - 20);
        5 ->
            case <<(rand:uniform(1 bsl 64) - 1):64>> of
                <<Float/float>> -> Float;
                _ -> 1.5
            end
    end.

atom_() ->
    pick(['', a, b, undefined, true, 'A', 'end', 'x@b_1', 'fünf', '日本', '\'', 'a b', 'Ω', '\n',
          'ß', 'é', '_x', '9', 'ÿa', 'aÿ', nil, bert, 'a.b', 'with', 'receive', 'else', 'maybe',
          list_to_atom(lists:duplicate(pick([20, 255]), pick("aé日")))]).

text() ->
    pick(["", "call", "caf" ++ [16#e9], [16#65e5, 16#672c], "a\"b\\", "\t\n\e\d", [0], [127], [160],
          [255, 256], "x", [16#1f600], lists:duplicate(60, $k)]).

bits() ->
    Size = rand:uniform(20),
    <<(rand:uniform(1 bsl Size) - 1):Size>>.

%% Pids, ports and references of this node and of others.
identifier() ->
    Node = pick([<<"a@b">>, <<"a@c">>, <<"fünf@host"/utf8>>]),
    Name = <<119, (byte_size(Node)), Node/binary>>,
    Number = pick([0, 1, 2, 255, 32767, rand:uniform(1 bsl 28) - 1]),
    Creation = pick([1, 2, 3, 70000]),
    case rand:uniform(7) of
        1 -> self();
        2 -> make_ref();
        3 -> hd(erlang:ports());
        4 -> binary_to_term(<<131, 88, Name/binary, Number:32, (rand:uniform(3)):32, Creation:32>>);
        5 -> binary_to_term(<<131, 89, Name/binary, Number:32, Creation:32>>);
        6 -> binary_to_term(<<131, 120, Name/binary, (rand:uniform(3)):32, Number:32, Creation:32>>);
        7 ->
            Words = << <<(rand:uniform(1000)):32>> || _ <- lists:seq(1, 3) >>,
            binary_to_term(<<131, 90, 3:16, Name/binary, Creation:32, Words/binary>>)
    end.

%% Terms so few that parts of two are often equal.
small(0) ->
    pick([0, 1, 2, 1 bsl 53, (1 bsl 53) + 1, (1 bsl 127) - 1, 1 bsl 127, -(1 bsl 127), 1 bsl 1000,
          0.0, 1.0, 2.0, 1.5, 9007199254740992.0, 1.7e38, 1.7014118346046923e38, -1.7014118346046923e38,
          1.0715086071862673e301, a, b, 'é', '日', <<>>, <<0>>, <<0, 1>>, <<1:1>>, <<0:1>>, <<255, 3:2>>,
          [], {}, #{}, [1], "ab", fun lists:map/2, fun lists:map/3, fun erlang:self/0,
          closure(1), closure(1.0), closure(a), other_closure(1), two(1, a), two(1.0, b),
          pid(<<"a@b">>, 1, 2, 1), pid(<<"a@b">>, 2, 1, 1), pid(<<"a@c">>, 1, 2, 1), pid(<<"a@b">>, 1, 2, 2),
          port(<<"a@b">>, 2, 1), port(<<"b@b">>, 1, 1), port(<<"a@b">>, 1, 2), self(),
          ref(<<"a@b">>, [2], 1), ref(<<"b@b">>, [1], 1), ref(<<"a@b">>, [2, 0], 1), ref(<<"a@b">>, [1, 1], 1),
          ref(<<"a@b">>, [2], 2), ref(<<"a@b">>, [2, 0, 0], 1)]);
small(Levels) ->
    Inner = fun() -> small(rand:uniform(Levels) - 1) end,
    case rand:uniform(9) of
        1 -> several(3, Inner);
        2 -> list_to_tuple(several(3, Inner));
        3 -> maps:from_list([{Inner(), Inner()} || _ <- several(3, fun() -> x end)]);
        4 -> [Inner() | case Inner() of Tail when is_list(Tail) -> a; Tail -> Tail end];
        5 -> #{Inner() => Inner()};
        6 -> maps:from_list([{small(0), small(0)} || _ <- lists:seq(1, 4)]);
        7 -> #{#{Inner() => 1, Inner() => 2} => Inner(), Inner() => 3};
        8 when Levels =:= 1 -> maps:from_list([{X, Inner()} || X <- lists:seq(1, 40)]);
        8 -> closure(Inner());
        9 -> small(0)
    end.

closure(A) -> fun() -> A end.
other_closure(A) -> fun() -> {A} end.
two(A, B) -> fun() -> {A, B} end.

pid(Node, Number, Serial, Creation) ->
    binary_to_term(<<131, 88, 119, 3, Node/binary, Number:32, Serial:32, Creation:32>>).

port(Node, Number, Creation) ->
    binary_to_term(<<131, 89, 119, 3, Node/binary, Number:32, Creation:32>>).

ref(Node, Words, Creation) ->
    Bytes = << <<Word:32>> || Word <- Words >>,
    binary_to_term(<<131, 90, (length(Words)):16, 119, 3, Node/binary, Creation:32, Bytes/binary>>).

%% The same term but for one place.
tweak([_ | _] = List) ->
    case rand:uniform(4) of
        1 -> small(1);
        2 -> cons(tweak(hd(List)), tl(List));
        _ -> cons(hd(List), tweak(tl(List)))
    end;
tweak(Tuple) when is_tuple(Tuple), tuple_size(Tuple) > 0 ->
    At = rand:uniform(tuple_size(Tuple)),
    setelement(At, Tuple, tweak(element(At, Tuple)));
tweak(Map) when map_size(Map) > 0 ->
    {Key, Value} = pick(maps:to_list(Map)),
    case rand:uniform(3) of
        1 -> maps:put(tweak(Key), Value, maps:remove(Key, Map));
        _ -> Map#{Key := tweak(Value)}
    end;
tweak(Integer) when is_integer(Integer), abs(Integer) < 1 bsl 200 ->
    pick([Integer, Integer + 1, float(Integer)]);
tweak(Float) when is_float(Float) ->
    pick([Float, trunc(Float), -Float]);
tweak(Other) ->
    pick([Other, small(0)]).

cons(Head, Tail) -> [Head | Tail].
